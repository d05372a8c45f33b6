INSERT INTO conflicts (op_id, visit, kind, part, ours, theirs, found_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
