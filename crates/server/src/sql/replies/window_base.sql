-- The last version that no appeal made: from its day the window is counted.
SELECT s.body
FROM scorecards s
WHERE s.cycle_id = $1
  AND s.centre_id = $2
  AND NOT EXISTS (SELECT 1 FROM appeals a WHERE a.made_id = s.id)
ORDER BY s.version DESC
LIMIT 1
