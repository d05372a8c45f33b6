-- Drafts are handed to the other devices of their evaluator. Earlier releases refuse the result as newer.

-- The visit a record speaks of.
ALTER TABLE records ADD COLUMN visit_id BYTES;
-- only sqlite
UPDATE records SET visit_id = UNHEX(JSON_EXTRACT(record, '$.body.visit'), '-');
-- end
-- only postgres
UPDATE records
SET visit_id = DECODE(REPLACE(CAST(record AS JSON) -> 'body' ->> 'visit', '-', ''), 'hex');
-- end
CREATE INDEX records_by_visit ON records (visit_id, person_id);

-- Those of visits that are still under way go into their evaluator's stream. The rows get their numbers
-- with the next commit.
INSERT INTO stream_rows (stream, record_id, kind, rev, body, deleted)
SELECT
-- only sqlite
    'E:' || LOWER(
        SUBSTR(HEX(r.person_id), 1, 8) || '-' || SUBSTR(HEX(r.person_id), 9, 4) || '-'
        || SUBSTR(HEX(r.person_id), 13, 4) || '-' || SUBSTR(HEX(r.person_id), 17, 4) || '-'
        || SUBSTR(HEX(r.person_id), 21)
    ),
    r.id, r.kind, r.rev, JSON_EXTRACT(r.record, '$.body'),
    COALESCE(JSON_EXTRACT(r.record, '$.deleted'), 0)
-- end
-- only postgres
    'E:' || CAST(CAST(ENCODE(r.person_id, 'hex') AS UUID) AS TEXT),
    r.id, r.kind, r.rev, CAST(CAST(r.record AS JSON) -> 'body' AS TEXT),
    CASE WHEN CAST(r.record AS JSON) ->> 'deleted' = 'true' THEN 1 ELSE 0 END
-- end
FROM records r
JOIN visits v ON v.id = r.visit_id AND v.evaluator_id = r.person_id
WHERE r.kind IN ('acceptance', 'answer', 'timeline')
AND v.state IN ('accepted', 'in_progress', 'submitted', 'in_review', 'returned');
