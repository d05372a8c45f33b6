UPDATE stream_rows SET seq = numbered.seq
FROM (
    SELECT record_id, stream, CAST($1 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY record_id, stream) AS seq
    FROM stream_rows
    WHERE seq IS NULL
) AS numbered
WHERE stream_rows.record_id = numbered.record_id AND stream_rows.stream = numbered.stream
