-- In the order of names, too, a list passes over rows that do not fit without reading them.
CREATE INDEX keys_by_name ON keys (project_seq, name, enabled, expires_at, account_seq);

-- What watched limits would have refused of an account's keys together, counted when it happens, since
-- its keys may be many. It stays with the account when a key is deleted or moved.
CREATE TABLE account_watched_hours (
    account_seq INTEGER NOT NULL REFERENCES accounts (seq) ON DELETE CASCADE,
    hour        INTEGER NOT NULL,
    code        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (account_seq, hour, code)
) STRICT, WITHOUT ROWID;
INSERT INTO account_watched_hours
    SELECT k.account_seq, w.hour, w.code, sum(w.count) FROM watched_hours w JOIN keys k ON k.seq = w.key_seq
    WHERE k.account_seq IS NOT NULL GROUP BY k.account_seq, w.hour, w.code;
