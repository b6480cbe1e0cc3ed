-- Hours that are old are folded into days. Days count from 1970-01-01 in UTC, as hours do.
CREATE TABLE usage_days (
    key_seq INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    day     INTEGER NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (key_seq, day, code)
) STRICT, WITHOUT ROWID;

-- The uses of an account's keys together, counted when they are, since its keys may be many. They
-- stay with the account when a key is deleted or moved.
CREATE TABLE account_hours (
    account_seq INTEGER NOT NULL REFERENCES accounts (seq) ON DELETE CASCADE,
    hour        INTEGER NOT NULL,
    code        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (account_seq, hour, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_days (
    account_seq INTEGER NOT NULL REFERENCES accounts (seq) ON DELETE CASCADE,
    day         INTEGER NOT NULL,
    code        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (account_seq, day, code)
) STRICT, WITHOUT ROWID;
INSERT INTO account_hours
    SELECT k.account_seq, u.hour, u.code, sum(u.count) FROM usage_hours u JOIN keys k ON k.seq = u.key_seq
    WHERE k.account_seq IS NOT NULL GROUP BY k.account_seq, u.hour, u.code;
