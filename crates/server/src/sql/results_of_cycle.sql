SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, c.governorate, c.size, c.operator,
       a.name_ar, a.name_en, r.unannounced_visits, r.scheduled_visits, r.scorecard,
       CASE WHEN EXISTS (SELECT 1 FROM decisions d
                         WHERE d.cycle_id = r.cycle_id AND d.centre_id = r.centre_id)
            THEN 1 ELSE 0 END
FROM results r
JOIN centres c ON c.id = r.centre_id
JOIN agencies a ON a.id = c.agency_id
WHERE r.cycle_id = $1
ORDER BY c.code
