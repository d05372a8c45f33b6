SELECT visit, kind, part, id, rubric_v, body, base_rev, gen, synced_gen, deleted, back_gen, undos
FROM own_records
WHERE visit = ?1 AND kind = 'answer' AND deleted = 0
ORDER BY part
