-- What machine checks compare, what a cycle sets of its review, and blind second scorings. Earlier releases
-- refuse the result as newer.

-- What an evaluation tells by itself, reckoned when it comes in. It can be reckoned again from the document.
CREATE TABLE evaluation_facts (
    visit_id BYTES NOT NULL REFERENCES visits (id),
    revision BIGINT NOT NULL,
    -- To four places; NULL when nothing was scored.
    score TEXT,
    -- From the first to the last moment at the centre.
    present_from BIGINT,
    present_to BIGINT,
    -- Of all times together; NULL when there are fewer than two.
    times_hash BYTES,
    own TEXT NOT NULL,
    PRIMARY KEY (visit_id, revision)
) ENGINE_OPTIONS;
CREATE INDEX evaluation_facts_by_times ON evaluation_facts (times_hash);

-- Notes and reasons long enough to compare, each as the digest of its plain form.
CREATE TABLE evaluation_texts (
    visit_id BYTES NOT NULL REFERENCES visits (id),
    revision BIGINT NOT NULL,
    criterion TEXT NOT NULL,
    hash BYTES NOT NULL,
    PRIMARY KEY (visit_id, revision, criterion)
) ENGINE_OPTIONS;
CREATE INDEX evaluation_texts_by_hash ON evaluation_texts (hash);
CREATE INDEX evaluation_evidence_by_digest ON evaluation_evidence (sha256);
CREATE INDEX visits_by_state ON visits (state);

CREATE TABLE review_settings (
    cycle_id BYTES PRIMARY KEY REFERENCES cycles (id),
    outlier_points BIGINT NOT NULL CHECK (outlier_points BETWEEN 1 AND 100),
    tolerance_points BIGINT NOT NULL CHECK (tolerance_points BETWEEN 1 AND 100),
    second_share BIGINT NOT NULL CHECK (second_share BETWEEN 0 AND 100),
    -- Every ticket of the cycle follows from it and the visit.
    seed BYTES NOT NULL
) ENGINE_OPTIONS;

-- Each validated visit's ticket, and whether it was drawn by the share of that moment.
CREATE TABLE second_draws (
    visit_id BYTES PRIMARY KEY REFERENCES visits (id),
    ticket BIGINT NOT NULL,
    share BIGINT NOT NULL,
    drawn BIGINT NOT NULL CHECK (drawn IN (0, 1)),
    at BIGINT NOT NULL
) ENGINE_OPTIONS;

CREATE TABLE second_scorings (
    visit_id BYTES PRIMARY KEY REFERENCES second_draws (visit_id),
    person_id BYTES NOT NULL REFERENCES people (id),
    taken_at BIGINT NOT NULL,
    submitted_at BIGINT
) ENGINE_OPTIONS;
CREATE INDEX second_scorings_by_person ON second_scorings (person_id, submitted_at);

-- Of each scorer by themselves: whoever takes a scoring over begins anew, and nothing is deleted.
CREATE TABLE second_answers (
    visit_id BYTES NOT NULL REFERENCES second_draws (visit_id),
    person_id BYTES NOT NULL REFERENCES people (id),
    criterion TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (visit_id, person_id, criterion)
) ENGINE_OPTIONS;

CREATE INDEX visit_steps_by_person ON visit_steps (person_id, at);

-- Reviewers read an evaluation where they take its visit up. A stream that every reviewer may read would
-- show the first scores to whoever scores blindly.
UPDATE stream_rows SET seq = NULL, rev = rev + 1, deleted = 1, body = '{}'
WHERE stream = 'R' AND kind = 'evaluation' AND deleted = 0;
