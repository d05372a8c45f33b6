SELECT v.evaluator_id, e.document
FROM visits v
JOIN evaluations e ON e.visit_id = v.id
WHERE v.cycle_id = $1
  AND v.centre_id = $2
  AND v.state IN ('validated', 'counted')
  AND v.evaluator_id IS NOT NULL
  AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = e.visit_id)
