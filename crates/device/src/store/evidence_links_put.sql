INSERT INTO evidence_links (visit, criterion, sha256, kind, attached_ms)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (visit, criterion, sha256) DO UPDATE SET
    kind = excluded.kind,
    attached_ms = excluded.attached_ms,
    removed_ms = NULL
