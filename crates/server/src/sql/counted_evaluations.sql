-- Only validated evaluations count, each in its last revision.
SELECT e.document
FROM evaluations e
JOIN visits v ON v.id = e.visit_id
WHERE v.cycle_id = $1
  AND v.centre_id = $2
  AND v.state IN ('validated', 'counted')
  AND e.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = e.visit_id)
ORDER BY e.id
