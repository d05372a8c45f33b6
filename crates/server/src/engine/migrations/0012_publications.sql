-- Publication at a set time, and versions of what is published. Earlier releases refuse the result as newer.

CREATE TABLE publications (
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    -- Not a moment before, by the server's clock.
    at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'published', 'cancelled')),
    person_id BYTES NOT NULL REFERENCES people (id),
    made_at BIGINT NOT NULL,
    ended_at BIGINT,
    CHECK ((state = 'scheduled') = (ended_at IS NULL))
) ENGINE_OPTIONS;
CREATE INDEX publications_to_come ON publications (at) WHERE state = 'scheduled';

CREATE TABLE publication_centres (
    publication_id BYTES NOT NULL REFERENCES publications (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    PRIMARY KEY (publication_id, centre_id)
) ENGINE_OPTIONS;
CREATE INDEX publication_centres_by_centre ON publication_centres (centre_id);

-- The version of the scorecard that a decision makes, and from the second on why, as JSON.
ALTER TABLE decisions ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE decisions ADD COLUMN version_reason TEXT;
