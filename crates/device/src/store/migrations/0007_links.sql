-- Pushes are signed and chained. The previous release refuses the result untouched.

-- The links on their way: the operations are those of inflight that name it.
CREATE TABLE links (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    -- What the push is based on, as it was signed.
    epoch TEXT,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

-- NULL of what was on its way before there were links; it becomes one before it is sent again.
ALTER TABLE inflight ADD COLUMN link INTEGER REFERENCES links (number);
CREATE INDEX inflight_by_link ON inflight (link, position);

-- How far the chain has come: the number and the digest of the last link made, none at its beginning.
ALTER TABLE settings ADD COLUMN chain_number INTEGER NOT NULL DEFAULT 0 CHECK (chain_number >= 0);
ALTER TABLE settings ADD COLUMN chain_digest BLOB CHECK (length(chain_digest) = 32);
-- 1 once the server has signed what became of a push: from then on an answer without counts for nothing.
ALTER TABLE settings ADD COLUMN has_receipts INTEGER NOT NULL DEFAULT 0 CHECK (has_receipts IN (0, 1));
