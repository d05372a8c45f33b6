SELECT rejections.error
FROM rejections
JOIN own_records USING (visit, kind, part)
WHERE visit = ?1 AND kind = ?2 AND part = ?3 AND rejections.gen = own_records.gen
