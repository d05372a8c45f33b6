-- Files that an appeal brings forward. Earlier releases refuse the result as newer.

CREATE TABLE appeal_files (
    appeal_id BYTES NOT NULL REFERENCES appeals (id),
    -- Of the bytes as they are kept; they lie where evidence lies.
    sha256 BYTES NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (appeal_id, sha256)
) ENGINE_OPTIONS;
CREATE INDEX appeal_files_by_digest ON appeal_files (sha256);
