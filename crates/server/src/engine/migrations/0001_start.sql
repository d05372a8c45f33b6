-- The first schema. Nothing older can open the result: there is nothing older.
-- Times are milliseconds since 1970 UTC, days are YYYY-MM-DD, ids are UUIDs of 16 bytes.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) ENGINE_OPTIONS;

-- One row: the number of the last change written to any stream.
CREATE TABLE sequence (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
) ENGINE_OPTIONS;
INSERT INTO sequence (id, value) VALUES (1, 0);

CREATE TABLE agencies (
    id BYTES PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name_ar TEXT NOT NULL,
    name_en TEXT NOT NULL
) ENGINE_OPTIONS;

CREATE TABLE centres (
    id BYTES PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    agency_id BYTES NOT NULL REFERENCES agencies (id),
    model TEXT NOT NULL CHECK (model IN ('in_person', 'remote')),
    name_ar TEXT NOT NULL,
    name_en TEXT NOT NULL
) ENGINE_OPTIONS;

CREATE TABLE people (
    id BYTES PRIMARY KEY,
    user_name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    name_ar TEXT NOT NULL,
    name_en TEXT NOT NULL,
    role TEXT NOT NULL,
    agency_id BYTES REFERENCES agencies (id),
    -- A manager has a centre, nobody else has.
    centre_id BYTES REFERENCES centres (id),
    active BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    CHECK ((role = 'manager') = (centre_id IS NOT NULL))
) ENGINE_OPTIONS;

CREATE TABLE interests (
    person_id BYTES NOT NULL REFERENCES people (id),
    agency_id BYTES NOT NULL REFERENCES agencies (id),
    PRIMARY KEY (person_id, agency_id)
) ENGINE_OPTIONS;

CREATE TABLE devices (
    id BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    name TEXT NOT NULL,
    public_key BYTES NOT NULL UNIQUE,
    enrolled_at BIGINT NOT NULL,
    revoked_at BIGINT
) ENGINE_OPTIONS;

-- Only hashes of tokens and challenges are kept.
CREATE TABLE tokens (
    hash BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    device_id BYTES REFERENCES devices (id),
    expires_at BIGINT NOT NULL
) ENGINE_OPTIONS;

CREATE TABLE challenges (
    hash BYTES PRIMARY KEY,
    device_id BYTES NOT NULL REFERENCES devices (id),
    expires_at BIGINT NOT NULL
) ENGINE_OPTIONS;

CREATE TABLE rubrics (
    sha256 BYTES PRIMARY KEY,
    record_id BYTES NOT NULL UNIQUE,
    rubric_id TEXT NOT NULL,
    version TEXT NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('in_person', 'remote')),
    body TEXT NOT NULL,
    -- A change is a new version.
    UNIQUE (rubric_id, version)
) ENGINE_OPTIONS;

CREATE TABLE cycles (
    id BYTES PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name_ar TEXT NOT NULL,
    name_en TEXT NOT NULL,
    programme_ar TEXT NOT NULL,
    programme_en TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The notice to the entities (M13), as JSON.
    notice TEXT,
    published_at BIGINT
) ENGINE_OPTIONS;

CREATE TABLE cycle_rubrics (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    model TEXT NOT NULL,
    sha256 BYTES NOT NULL REFERENCES rubrics (sha256),
    PRIMARY KEY (cycle_id, model)
) ENGINE_OPTIONS;

CREATE TABLE cycle_centres (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    PRIMARY KEY (cycle_id, centre_id)
) ENGINE_OPTIONS;

CREATE TABLE visits (
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    kind TEXT NOT NULL CHECK (kind IN ('unannounced', 'scheduled')),
    state TEXT NOT NULL,
    evaluator_id BYTES REFERENCES people (id),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    scenario_ar TEXT NOT NULL,
    scenario_en TEXT NOT NULL,
    -- The reviewer's questions of the last return, as JSON.
    questions TEXT NOT NULL DEFAULT '[]',
    -- Set for good once the evaluator was recognised (M2).
    exposed_evaluator_id BYTES REFERENCES people (id)
) ENGINE_OPTIONS;
CREATE INDEX visits_by_cycle ON visits (cycle_id, centre_id);
CREATE INDEX visits_by_evaluator ON visits (evaluator_id);

-- Every step a visit took, by whom and when.
CREATE TABLE visit_steps (
    visit_id BYTES NOT NULL REFERENCES visits (id),
    step BIGINT NOT NULL,
    state TEXT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    reason TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (visit_id, step)
) ENGINE_OPTIONS;

-- One row for each revision; never altered.
CREATE TABLE evaluations (
    id BYTES NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    visit_id BYTES NOT NULL REFERENCES visits (id),
    device_id BYTES NOT NULL REFERENCES devices (id),
    document TEXT NOT NULL,
    sha256 BYTES NOT NULL,
    signature BYTES NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (visit_id, revision)
) ENGINE_OPTIONS;

CREATE TABLE evaluation_evidence (
    visit_id BYTES NOT NULL,
    revision BIGINT NOT NULL,
    sha256 BYTES NOT NULL,
    PRIMARY KEY (visit_id, revision, sha256)
) ENGINE_OPTIONS;

-- Who sent which bytes: two people may send the same, and neither learns of the other.
CREATE TABLE evidence (
    sha256 BYTES NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (sha256, person_id)
) ENGINE_OPTIONS;

-- What devices keep in step: drafts of answers, time-lines, acceptances, sealed evaluations.
CREATE TABLE records (
    id BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    rev BIGINT NOT NULL,
    -- The whole record as it came, unknown fields and all.
    record TEXT NOT NULL
) ENGINE_OPTIONS;

-- The outcome of each operation, so that sending it again changes nothing.
CREATE TABLE operations (
    op_id BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    outcome TEXT NOT NULL
) ENGINE_OPTIONS;

-- What was refused, kept as it came: a visit made in the field exists nowhere else.
CREATE TABLE quarantine (
    op_id BYTES PRIMARY KEY,
    person_id BYTES NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    error TEXT NOT NULL,
    at BIGINT NOT NULL
) ENGINE_OPTIONS;

-- A record is copied, already redacted, into each stream that may see it, when it is written.
CREATE TABLE stream_rows (
    stream TEXT NOT NULL,
    record_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    seq BIGINT NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    rubric_v BYTES,
    body TEXT NOT NULL,
    deleted BIGINT NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (stream, record_id)
) ENGINE_OPTIONS;
CREATE INDEX stream_rows_in_order ON stream_rows (stream, seq);

CREATE TABLE critical_rulings (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    criterion TEXT NOT NULL,
    confirmed BIGINT NOT NULL CHECK (confirmed IN (0, 1)),
    reason TEXT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (cycle_id, centre_id, criterion)
) ENGINE_OPTIONS;

CREATE TABLE decisions (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    scorecard TEXT NOT NULL,
    moderation TEXT,
    remarks TEXT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (cycle_id, centre_id)
) ENGINE_OPTIONS;

CREATE TABLE scorecards (
    -- Random, so that it tells nothing of when or in which order it was made.
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    sha256 BYTES NOT NULL,
    signature BYTES NOT NULL,
    UNIQUE (cycle_id, centre_id, version)
) ENGINE_OPTIONS;
