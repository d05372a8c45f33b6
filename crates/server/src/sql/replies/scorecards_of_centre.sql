SELECT s.id, s.body, k.sha256, s.cycle_id
FROM scorecards s
JOIN centres c ON c.id = s.centre_id
JOIN cycle_rubrics k ON k.cycle_id = s.cycle_id AND k.model = c.model
WHERE s.centre_id = $1
ORDER BY s.cycle_id, s.version
