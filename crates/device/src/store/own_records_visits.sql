-- From one visit to the next through the key, past the rows of each: DISTINCT would read them all.
WITH RECURSIVE worked (visit) AS (
    SELECT min(visit) FROM own_records
    UNION ALL
    SELECT (SELECT min(visit) FROM own_records WHERE visit > worked.visit)
    FROM worked
    WHERE worked.visit IS NOT NULL
)
SELECT visit FROM worked WHERE visit IS NOT NULL
