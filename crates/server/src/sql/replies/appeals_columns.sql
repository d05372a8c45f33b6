SELECT a.id, a.scorecard_id, a.criterion, a.ground, a.words, a.state, a.role, a.filed_at,
       s.body, k.sha256, r.ruling, r.reason, r.at, m.id, m.body, b.id, b.body
