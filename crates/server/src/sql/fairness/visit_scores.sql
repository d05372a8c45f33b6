-- Each visit that counts with the score it would have been given alone.
SELECT v.centre_id, v.kind, f.score
FROM visits v
JOIN centres c ON c.id = v.centre_id
JOIN evaluation_facts f ON f.visit_id = v.id
WHERE v.cycle_id = $1
  AND c.model = $2
  AND v.state IN ('validated', 'counted')
  AND f.score IS NOT NULL
  AND f.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = v.id)
ORDER BY v.centre_id, v.id
