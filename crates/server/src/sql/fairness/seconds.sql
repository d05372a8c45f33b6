-- The answers of second scorings that were handed in, each of whoever handed it in.
SELECT a.visit_id, a.answer
FROM second_scorings s
JOIN visits v ON v.id = s.visit_id
JOIN centres c ON c.id = v.centre_id
JOIN second_answers a ON a.visit_id = s.visit_id AND a.person_id = s.person_id
WHERE v.cycle_id = $1
  AND c.model = $2
  AND s.submitted_at IS NOT NULL
ORDER BY a.visit_id, a.criterion
