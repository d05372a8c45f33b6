INSERT INTO own_records
    (visit, kind, part, id, rubric_v, body, base_rev, gen, synced_gen, deleted, back_gen, undos)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 0, ?8, ?9, ?10)
ON CONFLICT (visit, kind, part) DO UPDATE SET
    rubric_v = excluded.rubric_v,
    body = excluded.body,
    gen = excluded.gen,
    deleted = excluded.deleted,
    back_gen = excluded.back_gen,
    undos = excluded.undos
