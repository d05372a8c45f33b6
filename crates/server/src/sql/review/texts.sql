-- Texts that stand in another visit too: the criterion, another visit, how many others.
SELECT w.id, t.criterion,
       (SELECT o.visit_id FROM evaluation_texts o
        WHERE o.hash = t.hash AND o.visit_id <> w.id ORDER BY o.visit_id LIMIT 1),
       (SELECT COUNT(DISTINCT o.visit_id) FROM evaluation_texts o
        WHERE o.hash = t.hash AND o.visit_id <> w.id)
FROM visits w
JOIN evaluation_texts t ON t.visit_id = w.id AND t.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
WHERE EXISTS (SELECT 1 FROM evaluation_texts o WHERE o.hash = t.hash AND o.visit_id <> w.id) AND
