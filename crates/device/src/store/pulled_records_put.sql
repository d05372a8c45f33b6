INSERT INTO pulled_records (stream, id, kind, rev, round, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (stream, id) DO UPDATE SET
    kind = excluded.kind,
    rev = excluded.rev,
    round = excluded.round,
    record = excluded.record
