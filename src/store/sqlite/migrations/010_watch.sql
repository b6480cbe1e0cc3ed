-- What the pages watch: a project's requests together, who was refused lately, which scopes are asked for,
-- and the requests of strangers.

-- All keys of a project together, counted when they are used; folded as the counts of keys are.
CREATE TABLE project_hours (
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    hour        INTEGER NOT NULL,
    code        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (project_seq, hour, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE project_days (
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    day         INTEGER NOT NULL,
    code        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (project_seq, day, code)
) STRICT, WITHOUT ROWID;
INSERT INTO project_hours
    SELECT k.project_seq, u.hour, u.code, sum(u.count) FROM usage_hours u JOIN keys k ON k.seq = u.key_seq
    GROUP BY k.project_seq, u.hour, u.code;
INSERT INTO project_days
    SELECT k.project_seq, u.day, u.code, sum(u.count) FROM usage_days u JOIN keys k ON k.seq = u.key_seq
    GROUP BY k.project_seq, u.day, u.code;

-- The newest few of each key. Method and path only where a proxy said which request was meant.
CREATE TABLE refusals (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    key_seq INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    code    TEXT NOT NULL,
    ip      TEXT,
    method  TEXT,
    path    TEXT
) STRICT;
CREATE INDEX refusals_of_key ON refusals (key_seq, seq);

-- On which day each of a key's scopes was first and last asked for. Days count from 1970-01-01 in UTC.
CREATE TABLE scopes_asked (
    key_seq   INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    scope     TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day  INTEGER NOT NULL,
    PRIMARY KEY (key_seq, scope)
) STRICT, WITHOUT ROWID;

-- Requests with no key that exists, by hour and network; an empty network is all the others of the hour.
CREATE TABLE stranger_hours (
    hour    INTEGER NOT NULL,
    network TEXT NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (hour, network, code)
) STRICT, WITHOUT ROWID;

-- Which keys have an old secret that still works.
CREATE INDEX key_secrets_ending ON key_secrets (ends_at) WHERE ends_at IS NOT NULL;
