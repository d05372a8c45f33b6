SELECT rejections.visit, rejections.kind, rejections.part, rejections.op_id, rejections.record,
    rejections.error, rejections.found_ms
FROM rejections
JOIN own_records USING (visit, kind, part)
WHERE rejections.gen = own_records.gen
ORDER BY rejections.found_ms, rejections.op_id
