-- Answers can be cleared, undo walks back step by step, and "now" follows a steady clock.
-- The release before refuses the result as newer; its own copy from before the upgrade is kept.

-- A cleared answer keeps its body and travels as a tombstone.
ALTER TABLE own_records ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
-- The change mark of the version that the next undo goes back to; NULL when it takes the first
-- answer back, or when there is nothing to undo.
ALTER TABLE own_records ADD COLUMN back_gen INTEGER CHECK (back_gen < gen);
-- How many undos are left; only answers have any.
ALTER TABLE own_records ADD COLUMN undos INTEGER NOT NULL DEFAULT 0 CHECK (undos >= 0);

ALTER TABLE own_history ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
ALTER TABLE own_history ADD COLUMN back_gen INTEGER;
ALTER TABLE own_history ADD COLUMN undos INTEGER NOT NULL DEFAULT 0 CHECK (undos >= 0);

-- The versions there are become one line of undos, newest to oldest.
DROP TRIGGER own_history_unaltered;
UPDATE own_history SET
    back_gen = (
        SELECT max(gen) FROM own_history AS earlier
        WHERE earlier.visit = own_history.visit AND earlier.kind = own_history.kind
            AND earlier.part = own_history.part AND earlier.gen < own_history.gen
    ),
    undos = 1 + (
        SELECT count(*) FROM own_history AS earlier
        WHERE earlier.visit = own_history.visit AND earlier.kind = own_history.kind
            AND earlier.part = own_history.part AND earlier.gen < own_history.gen
    )
WHERE kind = 'answer';
UPDATE own_records SET
    back_gen = (
        SELECT max(gen) FROM own_history AS earlier
        WHERE earlier.visit = own_records.visit AND earlier.kind = own_records.kind
            AND earlier.part = own_records.part
    ),
    undos = 1 + (
        SELECT count(*) FROM own_history AS earlier
        WHERE earlier.visit = own_records.visit AND earlier.kind = own_records.kind
            AND earlier.part = own_records.part
    )
WHERE kind = 'answer';
CREATE TRIGGER own_history_unaltered BEFORE UPDATE ON own_history
BEGIN
    SELECT RAISE(ABORT, 'history is append-only');
END;

-- No path through the code can replace or clear a body without keeping it.
DROP TRIGGER own_records_keep_history;
CREATE TRIGGER own_records_keep_history BEFORE UPDATE OF body, deleted ON own_records
WHEN OLD.body <> NEW.body OR OLD.deleted <> NEW.deleted
BEGIN
    INSERT INTO own_history (visit, kind, part, gen, body, deleted, back_gen, undos)
    VALUES (OLD.visit, OLD.kind, OLD.part, OLD.gen, OLD.body, OLD.deleted, OLD.back_gen, OLD.undos);
END;

-- Counting answers and finding what is unsent must not read every body: both indexes hold all that
-- the counts look at.
CREATE INDEX own_records_answers ON own_records (visit, deleted)
WHERE kind = 'answer' AND deleted = 0;
CREATE INDEX own_records_dirty ON own_records (gen, synced_gen) WHERE gen > synced_gen;

-- The last "now" noted on a visit, and what the steady clock read then.
CREATE TABLE clock_anchors (
    visit BLOB NOT NULL PRIMARY KEY CHECK (length(visit) = 16),
    -- Milliseconds since 1970 UTC, as they were noted.
    at_ms INTEGER NOT NULL,
    -- Names one run of the machine: the steady clock starts anew with the next.
    boot TEXT NOT NULL,
    steady_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
