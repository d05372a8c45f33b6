-- Only validated evaluations count, each in its last revision.
SELECT v.centre_id, e.document
FROM visits v
JOIN evaluations e ON e.visit_id = v.id
WHERE v.cycle_id = $1
  AND v.centre_id BETWEEN $2 AND $3
  AND v.state IN ('validated', 'counted')
  AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = e.visit_id)
