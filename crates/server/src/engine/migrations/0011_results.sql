-- What the committee reads: every centre's draft result as it now is, made from the answers and made anew
-- from them at any time; and what tells centres apart. Earlier releases refuse the result as newer.

ALTER TABLE centres ADD COLUMN governorate TEXT;
ALTER TABLE centres ADD COLUMN size TEXT CHECK (size IN ('small', 'medium', 'large'));
-- Who runs it: the agency itself, or a company for it.
ALTER TABLE centres ADD COLUMN operator TEXT;

CREATE TABLE results (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    level TEXT,
    -- Exact; beside it whole units of 10^-15, which put scores in order and decide nothing.
    score TEXT,
    score_order BIGINT,
    coverage TEXT NOT NULL,
    coverage_order BIGINT NOT NULL,
    critical_open BIGINT NOT NULL,
    critical_confirmed BIGINT NOT NULL,
    unannounced_visits BIGINT NOT NULL,
    scheduled_visits BIGINT NOT NULL,
    sha256 BYTES NOT NULL,
    -- The draft scorecard, canonical JSON. Last: what is read of many rows stands before it.
    scorecard TEXT NOT NULL,
    CHECK ((score IS NULL) = (score_order IS NULL)),
    PRIMARY KEY (cycle_id, centre_id)
) ENGINE_OPTIONS;
-- With all that is asked for by them, so that whoever counts or looks for the middle reads no scorecard.
CREATE INDEX results_by_score ON results (cycle_id, model, score_order, score);
CREATE INDEX results_by_coverage ON results (cycle_id, model, coverage_order, coverage);
CREATE INDEX results_by_level ON results
    (cycle_id, model, outcome, level, critical_open, critical_confirmed);

-- Pillars, and the second readings by driver, element, stage and experience.
CREATE TABLE result_parts (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    model TEXT NOT NULL,
    reading TEXT NOT NULL CHECK (reading IN ('pillar', 'driver', 'element', 'stage', 'experience')),
    part TEXT NOT NULL,
    state TEXT NOT NULL,
    score TEXT,
    score_order BIGINT,
    CHECK ((score IS NULL) = (score_order IS NULL)),
    PRIMARY KEY (cycle_id, centre_id, reading, part)
) ENGINE_OPTIONS;
CREATE INDEX result_parts_by_score ON result_parts
    (cycle_id, model, reading, part, score_order, score);

-- What somebody made of the automatic mapping between two rubrics' criteria, as JSON.
CREATE TABLE rubric_mappings (
    earlier_sha256 BYTES NOT NULL REFERENCES rubrics (sha256),
    later_sha256 BYTES NOT NULL REFERENCES rubrics (sha256),
    lines TEXT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (earlier_sha256, later_sha256)
) ENGINE_OPTIONS;

-- The overview counts visits without reading them.
CREATE INDEX visits_by_stage ON visits (cycle_id, kind, state);
CREATE INDEX visits_by_load ON visits (cycle_id, evaluator_id, state);
-- Whoever asks for a piece of evidence is told by what names it.
CREATE INDEX evaluation_evidence_by_file ON evaluation_evidence (sha256, visit_id);
