-- Evidence that has not arrived.
SELECT w.id, v.sha256
FROM visits w
JOIN evaluation_evidence v ON v.visit_id = w.id AND v.revision = (SELECT MAX(l.revision) FROM evaluations l WHERE l.visit_id = w.id)
WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = v.sha256) AND
