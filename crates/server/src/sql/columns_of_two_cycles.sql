SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, c.governorate, c.size, c.operator,
       l.scorecard, e.scorecard
