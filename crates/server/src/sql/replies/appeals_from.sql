FROM appeals a
JOIN scorecards s ON s.id = a.scorecard_id
JOIN centres c ON c.id = a.centre_id
JOIN cycles y ON y.id = a.cycle_id
JOIN cycle_rubrics k ON k.cycle_id = a.cycle_id AND k.model = c.model
LEFT JOIN appeal_rulings r ON r.appeal_id = a.id AND r.stage = 2
LEFT JOIN scorecards m ON m.id = a.made_id
LEFT JOIN scorecards b ON b.cycle_id = m.cycle_id AND b.centre_id = m.centre_id AND b.version = m.version - 1
