-- The nearest ground first: employed by the centre's agency, an interest in it, or by hand.
SELECT p.id, p.name_ar, p.name_en,
       CASE WHEN p.agency_id = c.agency_id THEN 'agency'
            WHEN EXISTS (SELECT 1 FROM interests i WHERE i.person_id = p.id AND i.agency_id = c.agency_id)
            THEN 'interest' ELSE 'own_reason' END,
       h.reason
FROM people p
JOIN centres c ON c.id = $2
LEFT JOIN recusals h ON h.person_id = p.id AND h.cycle_id = $1 AND h.centre_id = c.id
WHERE p.role IN ('committee_chair', 'committee_member')
  AND (p.agency_id = c.agency_id OR h.person_id IS NOT NULL
       OR EXISTS (SELECT 1 FROM interests i WHERE i.person_id = p.id AND i.agency_id = c.agency_id))
