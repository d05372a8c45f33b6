-- What counts of a model in a cycle: each visit with its evaluator and its last revision.
SELECT v.id, v.centre_id, v.evaluator_id, e.document
FROM visits v
JOIN centres c ON c.id = v.centre_id
JOIN evaluations e ON e.visit_id = v.id
WHERE v.cycle_id = $1
  AND c.model = $2
  AND v.state IN ('validated', 'counted')
  AND v.evaluator_id IS NOT NULL
  AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = e.visit_id)
ORDER BY v.centre_id, v.id
