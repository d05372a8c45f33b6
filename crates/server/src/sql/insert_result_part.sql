INSERT INTO result_parts (cycle_id, centre_id, model, reading, part, state, score, score_order)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
