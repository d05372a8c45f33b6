SELECT seal.number, seal.revision, seal.sealed_ms, seal.outcome, seal.settled_visit_rev,
    seal.complete_ms, seal.visit, json_extract(own.body, '$.sealed.sha256')
FROM seals AS seal
JOIN own_records AS own ON own.visit = seal.visit AND own.kind = 'evaluation'
    AND own.part = CAST(seal.number AS TEXT)
ORDER BY seal.sealed_ms DESC, seal.visit, seal.number DESC
