INSERT INTO inflight (op_id, position, visit, kind, part, gen, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
