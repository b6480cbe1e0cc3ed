-- Limits are words in one column (`model::limit::Limits`), empty where there are none, so that the one
-- read of a verification costs a key without limits one short value. What has been used of a quota
-- is written once a second and stands apart from the row that a verification reads.

ALTER TABLE keys ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN limits TEXT NOT NULL DEFAULT '';
-- Where days and months begin.
ALTER TABLE projects ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';

-- `since` is the quota's own instant: a count under an older one is over. `period` is the first day.
CREATE TABLE key_quotas (
    key_seq INTEGER NOT NULL PRIMARY KEY REFERENCES keys (seq) ON DELETE CASCADE,
    since   INTEGER NOT NULL,
    period  TEXT NOT NULL,
    used    INTEGER NOT NULL
) STRICT;
CREATE TABLE account_quotas (
    account_seq INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (seq) ON DELETE CASCADE,
    since       INTEGER NOT NULL,
    period      TEXT NOT NULL,
    used        INTEGER NOT NULL
) STRICT;

-- What limits that are only watched would have refused, beside what was counted.
CREATE TABLE watched_hours (
    key_seq INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    hour    INTEGER NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (key_seq, hour, code)
) STRICT, WITHOUT ROWID;
