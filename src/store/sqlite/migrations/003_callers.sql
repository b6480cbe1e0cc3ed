-- What callers of the API need: the events of one account, and requests that are sent twice.

-- The account that an event's target is or belonged to. Who may read an event depends on it; the
-- chain does not cover it, since it is older.
ALTER TABLE audit ADD COLUMN account TEXT;
CREATE INDEX audit_of_account ON audit (account, n) WHERE account IS NOT NULL;

-- What a caller made under an `Idempotency-Key`: hashes of the header and of the request, and the
-- id of what came of it. Never a token.
CREATE TABLE idempotency (
    seq       INTEGER PRIMARY KEY,
    caller    TEXT NOT NULL,
    hash      BLOB NOT NULL,
    request   BLOB NOT NULL,
    target_id TEXT NOT NULL,
    at        INTEGER NOT NULL,
    UNIQUE (caller, hash)
) STRICT;
CREATE INDEX idempotency_of_caller ON idempotency (caller, seq);
CREATE INDEX idempotency_by_age ON idempotency (at);
