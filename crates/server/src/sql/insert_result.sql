INSERT INTO results (cycle_id, centre_id, model, outcome, level, score, score_order, coverage,
                     coverage_order, critical_open, critical_confirmed, unannounced_visits,
                     scheduled_visits, sha256, scorecard)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
