-- What a reviewer did to visits, the latest first.
SELECT t.state, t.at, t.visit_id, y.number, c.code, c.name_ar, c.name_en, t.reason
FROM visit_steps t
JOIN visits w ON w.id = t.visit_id
JOIN centres c ON c.id = w.centre_id
JOIN cycles y ON y.id = w.cycle_id
WHERE t.person_id = $1 AND t.at < $2 AND t.state IN ('in_review', 'returned', 'validated')
ORDER BY t.at DESC, t.visit_id, t.step DESC LIMIT $3
