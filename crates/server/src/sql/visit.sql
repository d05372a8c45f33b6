SELECT v.id, v.cycle_id, v.centre_id, v.kind, v.state, v.evaluator_id, v.from_day, v.to_day,
       v.scenario_ar, v.scenario_en, v.questions,
       c.code, c.model, c.name_ar, c.name_en, a.id, a.name_ar, a.name_en, y.number,
       (SELECT COALESCE(MAX(e.revision), 0) FROM evaluations e WHERE e.visit_id = v.id),
       v.brief, y.state, r.record_id, r.rubric_id, r.version, r.sha256
FROM visits v
JOIN centres c ON c.id = v.centre_id
JOIN agencies a ON a.id = c.agency_id
JOIN cycles y ON y.id = v.cycle_id
LEFT JOIN cycle_rubrics u ON u.cycle_id = v.cycle_id AND u.model = c.model
LEFT JOIN rubrics r ON r.sha256 = u.sha256
