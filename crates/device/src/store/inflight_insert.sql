INSERT INTO inflight (op_id, position, visit, kind, part, gen, record)
SELECT ?1, coalesce(max(position) + 1, 0), ?2, ?3, ?4, ?5, ?6 FROM inflight
