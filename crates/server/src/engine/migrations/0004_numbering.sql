-- Rows of streams get their numbers at the end of the commit that writes them, not one by one. Earlier
-- releases refuse the result as newer.

CREATE TABLE numbered_rows (
    stream TEXT NOT NULL,
    record_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    -- NULL until the transaction that wrote the row ends; no reader ever sees it so.
    seq BIGINT UNIQUE,
    rev BIGINT NOT NULL,
    rubric_v BYTES,
    body TEXT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (stream, record_id)
) ENGINE_OPTIONS;
INSERT INTO numbered_rows (stream, record_id, kind, seq, rev, rubric_v, body, deleted)
SELECT stream, record_id, kind, seq, rev, rubric_v, body, deleted FROM stream_rows;
DROP TABLE stream_rows;
ALTER TABLE numbered_rows RENAME TO stream_rows;
CREATE INDEX stream_rows_in_order ON stream_rows (stream, seq);
CREATE INDEX stream_rows_unnumbered ON stream_rows (record_id) WHERE seq IS NULL;
