-- Accounts: delays after failures, second factors, token families, enrolment codes, wipe orders. Earlier
-- releases refuse the result as newer.

-- Tries to sign in that did not succeed, by a keyed hash of the name, whether an account has it or not.
CREATE TABLE sign_in_tries (
    name_hash BYTES PRIMARY KEY,
    tries BIGINT NOT NULL,
    -- Before this no further try is looked at.
    next_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
) ENGINE_OPTIONS;
CREATE INDEX sign_in_tries_by_age ON sign_in_tries (last_at);

CREATE TABLE second_factors (
    person_id BYTES PRIMARY KEY REFERENCES people (id),
    -- Encrypted under a key that is not in the database.
    secret BYTES NOT NULL,
    -- NULL until a first code was given; till then it is not asked for.
    confirmed_at BIGINT,
    -- The step of the last code taken: none is taken twice.
    last_step BIGINT NOT NULL
) ENGINE_OPTIONS;

-- A code enrols one device of one person, once. Only its hash is kept.
CREATE TABLE enrolment_codes (
    hash BYTES PRIMARY KEY,
    person_id BYTES NOT NULL UNIQUE REFERENCES people (id),
    expires_at BIGINT NOT NULL
) ENGINE_OPTIONS;

-- What a session may do: 'full', or 'enrol' for one begun by an enrolment code.
ALTER TABLE tokens ADD COLUMN purpose TEXT NOT NULL DEFAULT 'full';
-- Of a session by cookie, the hash of what its page must show.
ALTER TABLE tokens ADD COLUMN csrf_hash BYTES;
-- When a later sign-in of the same device took the token's place. Whoever uses it then is not the device.
ALTER TABLE tokens ADD COLUMN rotated_at BIGINT;
CREATE INDEX tokens_by_person ON tokens (person_id);
CREATE INDEX tokens_by_device ON tokens (device_id);

ALTER TABLE devices ADD COLUMN last_seen_at BIGINT;
ALTER TABLE devices ADD COLUMN wipe_ordered_at BIGINT;

-- What was published before coordinators had a stream is theirs too. The rows get their numbers with the
-- next commit.
INSERT INTO stream_rows (stream, record_id, kind, rev, rubric_v, body)
SELECT
-- only sqlite
    'A:' || LOWER(
        SUBSTR(HEX(c.agency_id), 1, 8) || '-' || SUBSTR(HEX(c.agency_id), 9, 4) || '-'
        || SUBSTR(HEX(c.agency_id), 13, 4) || '-' || SUBSTR(HEX(c.agency_id), 17, 4) || '-'
        || SUBSTR(HEX(c.agency_id), 21)
    ),
-- end
-- only postgres
    'A:' || CAST(CAST(ENCODE(c.agency_id, 'hex') AS UUID) AS TEXT),
-- end
    r.record_id, r.kind, 1, r.rubric_v, r.body
FROM stream_rows r
JOIN scorecards s ON s.id = r.record_id
JOIN centres c ON c.id = s.centre_id
WHERE r.stream = 'C' AND r.deleted = 0;
