SELECT d.centre_id
FROM decisions d
WHERE d.cycle_id = $1
  AND NOT EXISTS (SELECT 1 FROM scorecards s
                  WHERE s.cycle_id = d.cycle_id AND s.centre_id = d.centre_id AND s.version >= d.version)
  AND NOT EXISTS (SELECT 1 FROM publications p
                  JOIN publication_centres c ON c.publication_id = p.id
                  WHERE p.cycle_id = d.cycle_id AND c.centre_id = d.centre_id AND p.state = 'scheduled')
ORDER BY d.centre_id
