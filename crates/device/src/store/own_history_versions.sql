SELECT gen, body, deleted, back_gen, undos
FROM own_history
WHERE visit = ?1 AND kind = ?2 AND part = ?3
ORDER BY gen
