SELECT link.criterion, link.sha256, link.kind, file.media_type, file.bytes, link.attached_ms,
    file.sent_ms IS NOT NULL
FROM evidence_links AS link
JOIN evidence_files AS file ON file.sha256 = link.sha256
WHERE link.visit = ?1 AND link.criterion = ?2 AND link.removed_ms IS NULL
ORDER BY link.sha256
