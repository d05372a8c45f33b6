-- What the server signs with: an order to wipe the device is obeyed by no other key. The previous release
-- refuses the result untouched.
ALTER TABLE settings ADD COLUMN server_key BLOB CHECK (length(server_key) = 32);
