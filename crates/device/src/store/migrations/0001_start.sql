-- The first schema. There is no earlier release that could open it.

-- The device itself: one row.
CREATE TABLE settings (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- The seed of the Ed25519 key that seals evaluations and signs in.
    signing_seed BLOB NOT NULL CHECK (length(signing_seed) = 32),
    server TEXT,
    device BLOB CHECK (length(device) = 16),
    person TEXT CHECK (json_valid(person)),
    last_sync_ms INTEGER,
    -- Enrolled wholly or not at all.
    CHECK ((server IS NULL) = (device IS NULL) AND (device IS NULL) = (person IS NULL))
) STRICT;

-- What is made on this device: one row a record, its body and its change mark side by side, so that
-- an answer and its mark can only be written together.
-- A record is dirty while gen > synced_gen. Clustered by visit: one tap touches one page.
CREATE TABLE own_records (
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('acceptance', 'answer', 'timeline', 'evaluation')),
    -- The criterion of an answer, the number of a sealed evaluation, else empty.
    part TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    rubric_v BLOB CHECK (length(rubric_v) = 32),
    body TEXT NOT NULL CHECK (json_valid(body)),
    -- The server's revision that the next change is based on; 0 before it has one.
    base_rev INTEGER NOT NULL CHECK (base_rev >= 0),
    gen INTEGER NOT NULL CHECK (gen > 0),
    synced_gen INTEGER NOT NULL CHECK (synced_gen BETWEEN 0 AND gen),
    PRIMARY KEY (visit, kind, part)
) STRICT, WITHOUT ROWID;

-- Every version that was replaced. No reference to own_records: history outlives everything.
CREATE TABLE own_history (
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    gen INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (visit, kind, part, gen)
) STRICT, WITHOUT ROWID;

-- No path through the code can replace a body without keeping it.
CREATE TRIGGER own_records_keep_history BEFORE UPDATE OF body ON own_records
WHEN OLD.body <> NEW.body
BEGIN
    INSERT INTO own_history (visit, kind, part, gen, body)
    VALUES (OLD.visit, OLD.kind, OLD.part, OLD.gen, OLD.body);
END;

CREATE TRIGGER own_records_seal BEFORE UPDATE OF body ON own_records
WHEN OLD.kind = 'evaluation' AND OLD.body <> NEW.body
BEGIN
    SELECT RAISE(ABORT, 'a sealed evaluation is never altered');
END;

CREATE TRIGGER own_records_stay BEFORE DELETE ON own_records
BEGIN
    SELECT RAISE(ABORT, 'what was made on the device is never deleted');
END;

CREATE TRIGGER own_history_stays BEFORE DELETE ON own_history
BEGIN
    SELECT RAISE(ABORT, 'history is append-only');
END;

CREATE TRIGGER own_history_unaltered BEFORE UPDATE ON own_history
BEGIN
    SELECT RAISE(ABORT, 'history is append-only');
END;

-- What became of each sealed evaluation.
CREATE TABLE seals (
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    number INTEGER NOT NULL CHECK (number > 0),
    revision INTEGER NOT NULL CHECK (revision > 0),
    sealed_ms INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('applied', 'rejected', 'conflict')),
    -- The revision of the visit's record when the server took the evaluation: only a later one can
    -- say that the visit was returned since.
    settled_visit_rev INTEGER,
    -- When the server had the record and every file it names.
    complete_ms INTEGER,
    PRIMARY KEY (visit, number)
) STRICT, WITHOUT ROWID;

-- The evidence files; the key of each lives here and nowhere else.
CREATE TABLE evidence_files (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    file_key BLOB NOT NULL CHECK (length(file_key) = 32),
    nonce BLOB NOT NULL CHECK (length(nonce) = 19),
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    stored_ms INTEGER NOT NULL,
    sent_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Which file proves what. Taking one off marks it; the file stays.
CREATE TABLE evidence_links (
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    criterion TEXT NOT NULL,
    sha256 BLOB NOT NULL REFERENCES evidence_files (sha256),
    kind TEXT NOT NULL,
    attached_ms INTEGER NOT NULL,
    removed_ms INTEGER,
    PRIMARY KEY (visit, criterion, sha256)
) STRICT, WITHOUT ROWID;

-- Changes on their way, exactly as they were first sent.
CREATE TABLE inflight (
    op_id BLOB NOT NULL PRIMARY KEY CHECK (length(op_id) = 16),
    position INTEGER NOT NULL,
    visit BLOB NOT NULL,
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    gen INTEGER NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    FOREIGN KEY (visit, kind, part) REFERENCES own_records (visit, kind, part)
) STRICT, WITHOUT ROWID;

-- Both versions of a record that two devices changed.
CREATE TABLE conflicts (
    op_id BLOB NOT NULL PRIMARY KEY CHECK (length(op_id) = 16),
    visit BLOB NOT NULL,
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    ours TEXT NOT NULL CHECK (json_valid(ours)),
    theirs TEXT NOT NULL CHECK (json_valid(theirs)),
    found_ms INTEGER NOT NULL,
    kept TEXT CHECK (kept IN ('ours', 'theirs'))
) STRICT, WITHOUT ROWID;

-- What the server would not have; it stays here and is shown.
CREATE TABLE rejections (
    op_id BLOB NOT NULL PRIMARY KEY CHECK (length(op_id) = 16),
    visit BLOB NOT NULL,
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    gen INTEGER NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    error TEXT NOT NULL CHECK (json_valid(error)),
    found_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The granted streams and how far each was read.
CREATE TABLE streams (
    stream TEXT NOT NULL PRIMARY KEY,
    cursor TEXT,
    -- Counts the times the stream was read from its beginning.
    round INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the server sent, whole, with fields this version does not know.
CREATE TABLE pulled_records (
    stream TEXT NOT NULL REFERENCES streams (stream) ON DELETE CASCADE,
    id BLOB NOT NULL CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    rev INTEGER NOT NULL,
    -- The round in which it was last met; one that lags behind at the end of a round is gone.
    round INTEGER NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    PRIMARY KEY (stream, id)
) STRICT, WITHOUT ROWID;
