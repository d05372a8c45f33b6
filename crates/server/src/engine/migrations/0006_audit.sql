-- The audit: every deed of a person, chained by digests and never altered. Earlier releases refuse the
-- result as newer.

CREATE TABLE audit (
    -- 1, 2, 3, … without a gap.
    n BIGINT PRIMARY KEY CHECK (n > 0),
    at BIGINT NOT NULL,
    -- No references: an entry stands whatever becomes of what it speaks of.
    person_id BYTES,
    device_id BYTES,
    deed TEXT NOT NULL,
    subject_kind TEXT,
    subject_id TEXT,
    details TEXT NOT NULL,
    previous BYTES NOT NULL,
    hash BYTES NOT NULL UNIQUE,
    CHECK ((subject_kind IS NULL) = (subject_id IS NULL))
) ENGINE_OPTIONS;

-- only sqlite
CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- Replacing a row would delete it without asking the trigger above.
CREATE TRIGGER audit_is_appended_to BEFORE INSERT ON audit
WHEN NEW.n <> (SELECT COALESCE(MAX(n), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- end
-- only postgres
CREATE FUNCTION refuse_change_of_audit() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
-- end
