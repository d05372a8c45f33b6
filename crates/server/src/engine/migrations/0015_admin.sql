-- Why accounts were closed and opened again. Earlier releases refuse the result as newer.

CREATE TABLE account_changes (
    person_id BYTES NOT NULL REFERENCES people (id),
    step BIGINT NOT NULL,
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    -- NULL where whoever did it gave none.
    reason TEXT,
    by_person_id BYTES NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (person_id, step)
) ENGINE_OPTIONS;
