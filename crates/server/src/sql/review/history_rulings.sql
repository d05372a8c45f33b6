-- A reviewer's rulings on critical hits, the latest first.
SELECT r.confirmed, r.at, r.criterion, y.number, c.code, c.name_ar, c.name_en, r.reason
FROM critical_rulings r
JOIN centres c ON c.id = r.centre_id
JOIN cycles y ON y.id = r.cycle_id
WHERE r.person_id = $1 AND r.at < $2
ORDER BY r.at DESC, c.code, r.criterion LIMIT $3
