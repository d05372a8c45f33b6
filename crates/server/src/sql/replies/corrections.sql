-- What the committee's rulings made of answers.
SELECT a.centre_id, a.criterion, r.corrections
FROM appeals a
JOIN appeal_rulings r ON r.appeal_id = a.id AND r.stage = 2
WHERE a.cycle_id = $1
  AND a.centre_id BETWEEN $2 AND $3
ORDER BY a.centre_id, a.criterion
