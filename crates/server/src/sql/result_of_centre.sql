SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, c.governorate, c.size, c.operator,
       a.name_ar, a.name_en, r.unannounced_visits, r.scheduled_visits, r.scorecard, r.sha256
FROM results r
JOIN centres c ON c.id = r.centre_id
JOIN agencies a ON a.id = c.agency_id
WHERE r.cycle_id = $1
  AND r.centre_id = $2
