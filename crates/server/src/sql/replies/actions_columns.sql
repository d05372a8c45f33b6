SELECT a.id, c.code, c.name_ar, c.name_en, y.number, y.name_ar, y.name_en, a.criterion, a.remark_ar,
       a.remark_en, a.state, a.owner, a.due, a.evidence, a.revision, k.sha256
