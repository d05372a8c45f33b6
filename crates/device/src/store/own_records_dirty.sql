SELECT visit, kind, part, id, rubric_v, body, base_rev, gen, synced_gen, deleted, back_gen, undos
FROM own_records AS own
WHERE gen > synced_gen
    AND NOT EXISTS (
        SELECT 1 FROM conflicts
        WHERE conflicts.visit = own.visit AND conflicts.kind = own.kind
            AND conflicts.part = own.part AND conflicts.kept IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM inflight
        WHERE inflight.visit = own.visit AND inflight.kind = own.kind
            AND inflight.part = own.part
    )
ORDER BY gen
LIMIT ?1
