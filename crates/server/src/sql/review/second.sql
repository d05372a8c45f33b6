-- The visits drawn for a second scoring, with who scores them, and whether the caller has seen the first
-- scores or made the visit.
SELECT w.id, y.number, c.code, c.name_ar, c.name_en, w.kind, d.at,
       s.person_id, p.name_ar, p.name_en, s.taken_at, s.submitted_at,
       CASE WHEN w.evaluator_id = $1 OR EXISTS (SELECT 1 FROM visit_steps t
            WHERE t.visit_id = w.id AND t.person_id = $1
            AND t.state IN ('in_review', 'returned', 'validated')) THEN 1 ELSE 0 END
FROM second_draws d
JOIN visits w ON w.id = d.visit_id
JOIN centres c ON c.id = w.centre_id
JOIN cycles y ON y.id = w.cycle_id
LEFT JOIN second_scorings s ON s.visit_id = d.visit_id
LEFT JOIN people p ON p.id = s.person_id
WHERE d.drawn = 1
