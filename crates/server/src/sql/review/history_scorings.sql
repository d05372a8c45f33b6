-- A reviewer's second scorings, the latest first.
SELECT s.submitted_at, s.visit_id, y.number, c.code, c.name_ar, c.name_en
FROM second_scorings s
JOIN visits w ON w.id = s.visit_id
JOIN centres c ON c.id = w.centre_id
JOIN cycles y ON y.id = w.cycle_id
WHERE s.person_id = $1 AND s.submitted_at < $2
ORDER BY s.submitted_at DESC, s.visit_id LIMIT $3
