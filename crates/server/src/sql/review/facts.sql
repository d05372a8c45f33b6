-- The last evaluation of each visit, with what it tells by itself.
SELECT w.id, w.cycle_id, f.own, f.score, e.received_at
FROM visits w
JOIN evaluations e ON e.visit_id = w.id AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
JOIN evaluation_facts f ON f.visit_id = e.visit_id AND f.revision = e.revision
WHERE
