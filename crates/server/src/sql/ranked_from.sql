-- Ranked before anything is filtered: a place is one among all centres of the model.
FROM (
    SELECT centre_id, score, score_order, coverage, coverage_order, outcome, level, critical_open,
           critical_confirmed, unannounced_visits, scheduled_visits,
           RANK() OVER (ORDER BY COALESCE(score_order, -1) DESC) AS place
    FROM results
    WHERE cycle_id = $1 AND model = $2
) p
JOIN centres c ON c.id = p.centre_id
JOIN agencies a ON a.id = c.agency_id
