-- The server's data have a name. The previous release refuses the result untouched.

-- What the data were called that the device last met; another name means that they were put back from a
-- backup, and that what was sent may be gone.
ALTER TABLE settings ADD COLUMN epoch TEXT;
