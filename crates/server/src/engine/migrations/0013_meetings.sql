-- Meetings of the committee: agenda, attendance, ballots, words, minutes. Earlier releases refuse the result
-- as newer.

-- At most one row a cycle; without one the defaults hold.
CREATE TABLE committee_rules (
    cycle_id BYTES PRIMARY KEY REFERENCES cycles (id),
    quorum BIGINT NOT NULL CHECK (quorum > 0),
    only_in_meetings BIGINT NOT NULL CHECK (only_in_meetings IN (0, 1))
) ENGINE_OPTIONS;

CREATE TABLE meetings (
    id BYTES PRIMARY KEY,
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    number BIGINT NOT NULL,
    day TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'open', 'closed')),
    UNIQUE (cycle_id, number)
) ENGINE_OPTIONS;

CREATE TABLE meeting_attendance (
    meeting_id BYTES NOT NULL REFERENCES meetings (id),
    person_id BYTES NOT NULL REFERENCES people (id),
    PRIMARY KEY (meeting_id, person_id)
) ENGINE_OPTIONS;

CREATE TABLE agenda_items (
    meeting_id BYTES NOT NULL REFERENCES meetings (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    position BIGINT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('waiting', 'balloting', 'discussing', 'decided', 'deferred')),
    PRIMARY KEY (meeting_id, centre_id)
) ENGINE_OPTIONS;
CREATE INDEX agenda_items_by_centre ON agenda_items (centre_id);

-- By hand; who is of the centre's agency, or has an interest in it, abstains without a row.
CREATE TABLE recusals (
    cycle_id BYTES NOT NULL REFERENCES cycles (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    person_id BYTES NOT NULL REFERENCES people (id),
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (cycle_id, centre_id, person_id)
) ENGINE_OPTIONS;

CREATE TABLE votes (
    meeting_id BYTES NOT NULL REFERENCES meetings (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    person_id BYTES NOT NULL REFERENCES people (id),
    choice TEXT NOT NULL CHECK (choice IN ('agree', 'level', 'no_level')),
    level TEXT,
    CHECK ((choice = 'level') = (level IS NOT NULL)),
    PRIMARY KEY (meeting_id, centre_id, person_id)
) ENGINE_OPTIONS;

-- Notes of the discussion, and dissents from the decision.
CREATE TABLE meeting_words (
    id BYTES PRIMARY KEY,
    meeting_id BYTES NOT NULL REFERENCES meetings (id),
    centre_id BYTES NOT NULL REFERENCES centres (id),
    person_id BYTES NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL CHECK (kind IN ('note', 'dissent')),
    words TEXT NOT NULL,
    at BIGINT NOT NULL
) ENGINE_OPTIONS;
CREATE INDEX meeting_words_by_item ON meeting_words (meeting_id, centre_id);

-- Made when the meeting is closed, and never altered.
CREATE TABLE minutes (
    meeting_id BYTES PRIMARY KEY REFERENCES meetings (id),
    body TEXT NOT NULL,
    sha256 BYTES NOT NULL,
    signature BYTES NOT NULL
) ENGINE_OPTIONS;
