SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, a.name_ar, a.name_en, y.number
FROM cycle_centres cc
JOIN centres c ON c.id = cc.centre_id
JOIN agencies a ON a.id = c.agency_id
JOIN cycles y ON y.id = cc.cycle_id
WHERE cc.cycle_id = $1
