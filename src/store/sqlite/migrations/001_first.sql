-- Instants are INTEGER milliseconds since 1970-01-01T00Z. Text that a person gave is kept as it
-- was. Rows are named by a number of the engine's own (`seq`), never used twice; ids and names
-- that people see are columns with an index.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE projects (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    prefix     TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The scope catalogue: rows, their actions, and presets made of them.
CREATE TABLE resources (
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    position    INTEGER NOT NULL,
    label       TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (project_seq, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE scopes (
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    scope       TEXT NOT NULL,
    resource    TEXT NOT NULL,
    position    INTEGER NOT NULL,
    label       TEXT NOT NULL,
    is_default  INTEGER NOT NULL,
    PRIMARY KEY (project_seq, scope),
    FOREIGN KEY (project_seq, resource) REFERENCES resources (project_seq, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE presets (
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    position    INTEGER NOT NULL,
    label       TEXT NOT NULL,
    PRIMARY KEY (project_seq, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE preset_scopes (
    project_seq INTEGER NOT NULL,
    preset      TEXT NOT NULL,
    position    INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (project_seq, preset, position),
    FOREIGN KEY (project_seq, preset) REFERENCES presets (project_seq, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    project_seq INTEGER NOT NULL REFERENCES projects (seq),
    name        TEXT NOT NULL,
    external_id TEXT,
    metadata    TEXT NOT NULL,
    enabled     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (project_seq, external_id)
) STRICT;
CREATE INDEX accounts_of_project ON accounts (project_seq, seq);

-- `scopes` is what a verification reads: sorted, with a space between two. `key_scopes` says the
-- same for questions that start from a scope; both are written in one place and `check` compares
-- them. `last_used_at` is 0 until the first accepted request, so that one index sorts all keys.
CREATE TABLE keys (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT NOT NULL UNIQUE,
    project_seq       INTEGER NOT NULL REFERENCES projects (seq),
    account_seq       INTEGER REFERENCES accounts (seq),
    name              TEXT NOT NULL,
    prefix            TEXT NOT NULL,
    scopes            TEXT NOT NULL,
    enabled           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER,
    metadata          TEXT NOT NULL,
    allowed_ips       TEXT NOT NULL,
    note              TEXT,
    created_by_kind   TEXT NOT NULL,
    created_by_id     TEXT NOT NULL,
    created_by_name   TEXT NOT NULL,
    last_used_at      INTEGER NOT NULL DEFAULT 0,
    last_used_ip      TEXT,
    last_refused_at   INTEGER,
    last_refused_code TEXT,
    UNIQUE (project_seq, name)
) STRICT;
CREATE INDEX keys_of_project ON keys (project_seq, seq);
CREATE INDEX keys_by_last_use ON keys (project_seq, last_used_at, seq);
CREATE INDEX keys_of_account ON keys (account_seq, seq) WHERE account_seq IS NOT NULL;

-- One secret, or two while a key is rotated, and those that ended lately. The algorithm stands
-- beside each hash, so that another kind can be kept next to it.
CREATE TABLE key_secrets (
    key_seq      INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    n            INTEGER NOT NULL,
    algorithm    TEXT NOT NULL,
    hash         BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    ends_at      INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (key_seq, n)
) STRICT, WITHOUT ROWID;

-- No foreign key to `keys`: it would need a second index of the same size, and every key's own
-- `scopes` says which rows to delete.
CREATE TABLE key_scopes (
    project_seq INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    key_seq     INTEGER NOT NULL,
    PRIMARY KEY (project_seq, scope, key_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_hours (
    key_seq INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    hour    INTEGER NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (key_seq, hour, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL UNIQUE,
    role            TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    last_sign_in_at INTEGER
) STRICT;

CREATE TABLE sessions (
    hash         BLOB NOT NULL PRIMARY KEY,
    user_seq     INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_seq, created_at);

CREATE TABLE audit (
    n           INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    project     TEXT,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    target_name TEXT NOT NULL,
    detail      TEXT NOT NULL,
    hash        BLOB NOT NULL
) STRICT;
CREATE INDEX audit_of_target ON audit (target_id, n);
CREATE INDEX audit_of_project ON audit (project, n);
