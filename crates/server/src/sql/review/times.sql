-- Another visit with exactly the same times.
SELECT w.id,
       (SELECT o.visit_id FROM evaluation_facts o
        WHERE o.times_hash = f.times_hash AND o.visit_id <> w.id ORDER BY o.visit_id LIMIT 1)
FROM visits w
JOIN evaluation_facts f ON f.visit_id = w.id AND f.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
WHERE EXISTS (SELECT 1 FROM evaluation_facts o WHERE o.times_hash = f.times_hash AND o.visit_id <> w.id) AND
