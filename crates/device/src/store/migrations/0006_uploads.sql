-- Files go to the server in parts. The previous release refuses the result untouched.

-- Where on the server a file is on its way, until it is there.
ALTER TABLE evidence_files ADD COLUMN upload TEXT;
