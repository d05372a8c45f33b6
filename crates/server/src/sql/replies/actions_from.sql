FROM actions a
JOIN centres c ON c.id = a.centre_id
JOIN cycles y ON y.id = a.cycle_id
JOIN cycle_rubrics k ON k.cycle_id = a.cycle_id AND k.model = c.model
