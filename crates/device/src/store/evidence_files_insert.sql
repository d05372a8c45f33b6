INSERT INTO evidence_files (sha256, file_key, nonce, media_type, bytes, stored_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
