-- How long the device shows what it holds without its server. The previous release refuses the result
-- untouched.

-- When the grant ends, by the server's time; NULL while no server has given one.
ALTER TABLE settings ADD COLUMN grant_until_ms INTEGER;
-- The server's time as it was last reckoned, and what the clocks read then.
ALTER TABLE settings ADD COLUMN server_ms INTEGER;
ALTER TABLE settings ADD COLUMN clock_wall_ms INTEGER;
ALTER TABLE settings ADD COLUMN clock_boot TEXT;
ALTER TABLE settings ADD COLUMN clock_steady_ms INTEGER;
-- By how much the device's clock was ahead of the server's when they last met.
ALTER TABLE settings ADD COLUMN clock_off_ms INTEGER;
