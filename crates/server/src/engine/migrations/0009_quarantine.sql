-- What was refused is seen to: released, or set aside with a reason. Earlier releases refuse the result as
-- newer.

-- The device it came from; NULL of what came before this was kept, or in a session without a device.
ALTER TABLE quarantine ADD COLUMN device_id BYTES REFERENCES devices (id);
ALTER TABLE quarantine ADD COLUMN state TEXT NOT NULL DEFAULT 'open'
    CHECK (state IN ('open', 'released', 'set_aside'));
ALTER TABLE quarantine ADD COLUMN settled_by BYTES REFERENCES people (id);
ALTER TABLE quarantine ADD COLUMN settled_at BIGINT;
-- Why it was set aside.
ALTER TABLE quarantine ADD COLUMN reason TEXT;
CREATE INDEX quarantine_by_state ON quarantine (state, at);
