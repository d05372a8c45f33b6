-- Visits to other centres at which the same person was at the same time.
SELECT DISTINCT w.id, o.id
FROM visits w
JOIN evaluation_facts f ON f.visit_id = w.id AND f.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
JOIN visits o ON o.evaluator_id = w.evaluator_id AND o.centre_id <> w.centre_id
JOIN evaluation_facts g ON g.visit_id = o.id
     AND g.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = o.id)
WHERE g.present_from < f.present_to AND f.present_from < g.present_to AND
