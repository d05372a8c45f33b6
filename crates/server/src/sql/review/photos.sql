-- Evidence whose very bytes are another visit's too: the file, another visit, how many others.
SELECT w.id, v.sha256,
       (SELECT o.visit_id FROM evaluation_evidence o
        WHERE o.sha256 = v.sha256 AND o.visit_id <> w.id ORDER BY o.visit_id LIMIT 1),
       (SELECT COUNT(DISTINCT o.visit_id) FROM evaluation_evidence o
        WHERE o.sha256 = v.sha256 AND o.visit_id <> w.id)
FROM visits w
JOIN evaluation_evidence v ON v.visit_id = w.id AND v.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
WHERE EXISTS (SELECT 1 FROM evaluation_evidence o WHERE o.sha256 = v.sha256 AND o.visit_id <> w.id) AND
