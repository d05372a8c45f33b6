-- What an evaluator made or is to make, the visit in question aside; and wherever they were
-- recognised, whoever has the visit now.
SELECT v.centre_id, c.agency_id, v.cycle_id, v.to_day,
       CASE WHEN v.exposed_evaluator_id = $1 THEN 1 ELSE 0 END
FROM visits v
JOIN centres c ON c.id = v.centre_id
WHERE (v.evaluator_id = $1 AND v.id <> $2 AND v.state NOT IN ('declined', 'cancelled'))
   OR v.exposed_evaluator_id = $1
