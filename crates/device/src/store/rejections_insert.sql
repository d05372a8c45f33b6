INSERT INTO rejections (op_id, visit, kind, part, gen, record, error, found_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
