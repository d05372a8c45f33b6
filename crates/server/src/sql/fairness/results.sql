-- The results of a model's centres.
SELECT c.id, c.code, c.name_ar, c.name_en, r.scorecard
FROM results r
JOIN centres c ON c.id = r.centre_id
WHERE r.cycle_id = $1
  AND r.model = $2
ORDER BY c.id
