SELECT c.id, c.agency_id, c.model, c.name_ar, c.name_en, a.name_ar, a.name_en,
       r.unannounced_visits, r.scheduled_visits,
       d.scorecard, d.moderation, d.remarks, d.version, d.version_reason
FROM publication_centres p
JOIN decisions d ON d.centre_id = p.centre_id
JOIN centres c ON c.id = d.centre_id
JOIN agencies a ON a.id = c.agency_id
JOIN results r ON r.cycle_id = d.cycle_id AND r.centre_id = d.centre_id
WHERE p.publication_id = $2
  AND d.cycle_id = $1
ORDER BY c.code
