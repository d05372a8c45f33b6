-- Bundles: a sync carried by hand. The previous release refuses the result untouched.

-- Each bundle that was written, with the key that opens its answers.
CREATE TABLE bundles (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    answer_key BLOB NOT NULL CHECK (length(answer_key) = 32),
    made_ms INTEGER NOT NULL,
    -- When an answer to it was first taken in.
    answered_ms INTEGER,
    -- 0 once a network sync has read the streams since: the answer's pages may be older than those.
    takes_pages INTEGER NOT NULL DEFAULT 1 CHECK (takes_pages IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What bundles are encrypted to; the server tells it.
ALTER TABLE settings ADD COLUMN bundle_key BLOB CHECK (length(bundle_key) = 32);
-- The mark of the last answer whose pages were taken: pages of an earlier one are older.
ALTER TABLE settings ADD COLUMN answer_mark INTEGER NOT NULL DEFAULT 0;

-- Of each record one change at most is on its way; the next waits for its outcome.
CREATE UNIQUE INDEX inflight_by_record ON inflight (visit, kind, part);
-- A bundle takes along more changes than one push does.
CREATE INDEX inflight_in_order ON inflight (position);
