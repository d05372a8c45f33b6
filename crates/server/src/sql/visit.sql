SELECT v.id, v.cycle_id, v.centre_id, v.kind, v.state, v.evaluator_id, v.from_day, v.to_day,
       v.scenario_ar, v.scenario_en, v.questions,
       c.code, c.model, c.name_ar, c.name_en, a.id, a.name_ar, a.name_en, y.number,
       (SELECT COALESCE(MAX(e.revision), 0) FROM evaluations e WHERE e.visit_id = v.id),
       v.brief
FROM visits v
JOIN centres c ON c.id = v.centre_id
JOIN agencies a ON a.id = c.agency_id
JOIN cycles y ON y.id = v.cycle_id
