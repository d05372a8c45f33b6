-- What centres reply: actions on the remarks of a scorecard, and appeals against its criteria. Earlier
-- releases refuse the result as newer.

-- Working days after publication in which an appeal may be filed.
ALTER TABLE committee_rules ADD COLUMN appeal_days BIGINT NOT NULL DEFAULT 10
    CHECK (appeal_days BETWEEN 1 AND 90);

-- One for each remark that asks for improvement, over all versions of the scorecard.
CREATE TABLE actions (
    -- Random, so that it tells nothing of when or in which order it was made.
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    criterion TEXT NOT NULL,
    remark_ar TEXT NOT NULL,
    remark_en TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'in_progress', 'done')),
    owner TEXT NOT NULL DEFAULT '',
    -- YYYY-MM-DD.
    due TEXT,
    evidence TEXT NOT NULL DEFAULT '',
    -- How often it was changed.
    revision BIGINT NOT NULL DEFAULT 0
) ENGINE_OPTIONS;
CREATE INDEX actions_by_centre ON actions (centre_id, cycle_id, criterion);
CREATE INDEX actions_by_due ON actions (due);

-- What each change made of an action; never altered.
CREATE TABLE action_steps (
    action_id BYTES NOT NULL REFERENCES actions (id),
    revision BIGINT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    due TEXT,
    evidence TEXT NOT NULL,
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (action_id, revision)
) ENGINE_OPTIONS;

CREATE TABLE appeals (
    -- Random, as an action's.
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    scorecard_id BYTES NOT NULL REFERENCES scorecards (id),
    criterion TEXT NOT NULL,
    ground TEXT NOT NULL CHECK
        (ground IN ('factual_error', 'evidence_ignored', 'na_misuse', 'conflict_of_interest')),
    words TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('filed', 'examined', 'ruled', 'withdrawn')),
    person_id BYTES NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    filed_at BIGINT NOT NULL,
    -- The version of the scorecard that the ruling made.
    made_id BYTES REFERENCES scorecards (id)
) ENGINE_OPTIONS;
CREATE UNIQUE INDEX appeals_of_criterion ON appeals (cycle_id, centre_id, criterion)
    WHERE state <> 'withdrawn';
CREATE INDEX appeals_by_made ON appeals (made_id);

CREATE TABLE appeal_rulings (
    appeal_id BYTES NOT NULL REFERENCES appeals (id),
    -- 1 of the central team or a reviewer, 2 of the committee.
    stage BIGINT NOT NULL CHECK (stage IN (1, 2)),
    ruling TEXT NOT NULL CHECK (ruling IN ('upheld', 'partly', 'refused')),
    reason TEXT NOT NULL,
    -- What the answers are now, as JSON.
    corrections TEXT NOT NULL,
    person_id BYTES NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (appeal_id, stage)
) ENGINE_OPTIONS;

-- Actions for what is out already, by the last version of each scorecard.
-- only sqlite
INSERT INTO actions (id, cycle_id, centre_id, criterion, remark_ar, remark_en)
SELECT RANDOMBLOB(16), s.cycle_id, s.centre_id, JSON_EXTRACT(r.value, '$.criterion'),
       JSON_EXTRACT(r.value, '$.text.ar'), JSON_EXTRACT(r.value, '$.text.en')
FROM scorecards s, JSON_EACH(s.body, '$.publication.remarks') r
WHERE JSON_EXTRACT(r.value, '$.kind') = 'improvement'
  AND s.version = (SELECT MAX(l.version) FROM scorecards l
                   WHERE l.cycle_id = s.cycle_id AND l.centre_id = s.centre_id);
-- end
-- only postgres
INSERT INTO actions (id, cycle_id, centre_id, criterion, remark_ar, remark_en)
SELECT UUID_SEND(GEN_RANDOM_UUID()), s.cycle_id, s.centre_id, r ->> 'criterion',
       r -> 'text' ->> 'ar', r -> 'text' ->> 'en'
FROM scorecards s
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(CAST(s.body AS JSONB) -> 'publication' -> 'remarks') r
WHERE r ->> 'kind' = 'improvement'
  AND s.version = (SELECT MAX(l.version) FROM scorecards l
                   WHERE l.cycle_id = s.cycle_id AND l.centre_id = s.centre_id);
-- end
