SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, c.governorate, c.size, c.operator,
       a.code, a.name_ar, a.name_en,
       CASE WHEN p.score_order IS NULL THEN NULL ELSE p.place END,
       p.score, p.coverage, p.outcome, p.level, p.critical_open, p.critical_confirmed,
       p.unannounced_visits, p.scheduled_visits,
       CASE WHEN EXISTS (SELECT 1 FROM decisions d
                         WHERE d.cycle_id = $1 AND d.centre_id = p.centre_id)
            THEN 1 ELSE 0 END
