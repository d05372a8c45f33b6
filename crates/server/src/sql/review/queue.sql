-- The visits that wait for review and are for the caller: not the own, not of the own agency.
SELECT w.id, c.code, c.name_ar, c.name_en, w.kind, w.state, e.revision, e.received_at, y.number,
       (SELECT COUNT(*) FROM evaluation_evidence v WHERE v.visit_id = w.id AND v.revision = e.revision
        AND NOT EXISTS (SELECT 1 FROM evidence a WHERE a.sha256 = v.sha256))
FROM visits w
JOIN evaluations e ON e.visit_id = w.id AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
JOIN centres c ON c.id = w.centre_id
JOIN cycles y ON y.id = w.cycle_id
WHERE w.state IN ('submitted', 'in_review') AND w.evaluator_id <> $1
AND NOT EXISTS (SELECT 1 FROM people p WHERE p.id = $1 AND p.agency_id = c.agency_id)
ORDER BY e.received_at, w.id
