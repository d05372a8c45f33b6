-- Whether a person is of the centre's side, and whether they had a part in its visits.
SELECT CASE WHEN p.agency_id = c.agency_id
                 OR EXISTS (SELECT 1 FROM interests i WHERE i.person_id = p.id AND i.agency_id = c.agency_id)
                 OR EXISTS (SELECT 1 FROM recusals h
                            WHERE h.person_id = p.id AND h.cycle_id = $1 AND h.centre_id = c.id)
            THEN 1 ELSE 0 END,
       CASE WHEN EXISTS (SELECT 1 FROM visits v WHERE v.cycle_id = $1 AND v.centre_id = c.id
                         AND (v.evaluator_id = p.id OR v.exposed_evaluator_id = p.id))
                 OR EXISTS (SELECT 1 FROM visits v JOIN visit_steps t ON t.visit_id = v.id
                            WHERE v.cycle_id = $1 AND v.centre_id = c.id AND t.person_id = p.id
                            AND t.state IN ('in_review', 'returned', 'validated'))
                 OR EXISTS (SELECT 1 FROM visits v JOIN second_scorings o ON o.visit_id = v.id
                            WHERE v.cycle_id = $1 AND v.centre_id = c.id AND o.person_id = p.id)
                 OR EXISTS (SELECT 1 FROM critical_rulings u
                            WHERE u.cycle_id = $1 AND u.centre_id = c.id AND u.person_id = p.id)
            THEN 1 ELSE 0 END
FROM people p
JOIN centres c ON c.id = $2
WHERE p.id = $3
