-- Neither what another cycle needs nor what somebody else sent for a visit that is not handed in yet.
SELECT e.sha256, MAX(e.bytes)
FROM evidence e
WHERE EXISTS (
    SELECT 1 FROM evaluation_evidence n JOIN visits v ON v.id = n.visit_id
    WHERE n.sha256 = e.sha256 AND v.cycle_id = $1
)
AND NOT EXISTS (
    SELECT 1 FROM evaluation_evidence n JOIN visits v ON v.id = n.visit_id
    WHERE n.sha256 = e.sha256 AND v.cycle_id <> $1
    AND NOT EXISTS (SELECT 1 FROM purges p WHERE p.cycle_id = v.cycle_id)
)
AND NOT EXISTS (
    SELECT 1 FROM evidence o
    WHERE o.sha256 = e.sha256
    AND NOT EXISTS (
        SELECT 1 FROM evaluation_evidence n JOIN visits v ON v.id = n.visit_id
        WHERE n.sha256 = o.sha256 AND v.evaluator_id = o.person_id
    )
)
GROUP BY e.sha256
ORDER BY e.sha256
