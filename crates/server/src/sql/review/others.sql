-- The scores of the centre's other visits in the cycle.
SELECT w.id, o.id, g.score
FROM visits w
JOIN visits o ON o.cycle_id = w.cycle_id AND o.centre_id = w.centre_id AND o.id <> w.id
JOIN evaluation_facts g ON g.visit_id = o.id
     AND g.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = o.id)
WHERE o.state IN ('submitted', 'in_review', 'validated', 'counted') AND g.score IS NOT NULL AND
