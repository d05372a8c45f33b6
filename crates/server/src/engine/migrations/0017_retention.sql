-- How long evidence is kept, and when it was taken away. Earlier releases refuse the result as newer.

-- Days after the end of the cycle (M18).
ALTER TABLE cycles ADD COLUMN retention_days BIGINT NOT NULL DEFAULT 60
    CHECK (retention_days BETWEEN 1 AND 3650);
-- NULL until the cycle is closed. Where that was done before this was kept: when its scorecards went out.
ALTER TABLE cycles ADD COLUMN closed_at BIGINT;
UPDATE cycles SET closed_at = published_at WHERE state = 'closed';

CREATE TABLE purges (
    cycle_id BYTES PRIMARY KEY REFERENCES cycles (id),
    person_id BYTES NOT NULL REFERENCES people (id),
    files BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    at BIGINT NOT NULL
) ENGINE_OPTIONS;

-- Files that count no longer and still lie where evidence lies.
CREATE TABLE purged_files (
    sha256 BYTES PRIMARY KEY
) ENGINE_OPTIONS;
