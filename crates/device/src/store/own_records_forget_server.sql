UPDATE own_records SET synced_gen = 0, base_rev = 0
WHERE synced_gen > 0
    AND NOT EXISTS (
        SELECT 1 FROM rejections
        WHERE rejections.visit = own_records.visit AND rejections.kind = own_records.kind
            AND rejections.part = own_records.part AND rejections.gen = own_records.gen
    )
