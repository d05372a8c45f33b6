SELECT visit, kind, part, id, rubric_v, body, base_rev, gen, synced_gen, deleted, back_gen, undos
FROM own_records
WHERE visit = ?1 AND kind = ?2 AND part = ?3
