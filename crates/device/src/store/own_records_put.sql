INSERT INTO own_records (visit, kind, part, id, rubric_v, body, base_rev, gen, synced_gen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 0)
ON CONFLICT (visit, kind, part) DO UPDATE SET
    rubric_v = excluded.rubric_v,
    body = excluded.body,
    gen = excluded.gen
