-- Uploads under way, and what counts against the limits of evidence. Earlier releases refuse the result
-- as newer.

-- An upload at its full length is evidence: both are written in one transaction.
CREATE TABLE uploads (
    id BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    sha256 BYTES NOT NULL,
    media_type TEXT NOT NULL,
    -- As the client gave it, to be given back.
    metadata TEXT NOT NULL,
    length BIGINT NOT NULL CHECK (length > 0),
    received BIGINT NOT NULL CHECK (received BETWEEN 0 AND length),
    expires_at BIGINT NOT NULL
) ENGINE_OPTIONS;
CREATE INDEX uploads_by_person ON uploads (person_id, sha256);
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

-- The parts that count, end to end from 0; a part that lost a race is in no row.
CREATE TABLE upload_parts (
    upload_id BYTES NOT NULL REFERENCES uploads (id),
    start BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    -- Random; names the object that holds the part.
    part_id BYTES NOT NULL,
    PRIMARY KEY (upload_id, start)
) ENGINE_OPTIONS;

-- At most one row, none before there is any: the bytes of all evidence, by sender.
CREATE TABLE evidence_total (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    bytes BIGINT NOT NULL
) ENGINE_OPTIONS;
INSERT INTO evidence_total (id, bytes)
SELECT 1, CAST(SUM(bytes) AS BIGINT) FROM evidence HAVING COUNT(*) > 0;
CREATE INDEX evidence_by_person ON evidence (person_id, received_at);
