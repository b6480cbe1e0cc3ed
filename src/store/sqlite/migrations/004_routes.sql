-- `folded` is the pattern with its spelling set aside: two rules that differ in nothing else could
-- not be told apart by every server. `routes_version` grows with each change of a project's rules,
-- so that whoever remembers them knows without reading them whether they are still the same.
ALTER TABLE projects ADD COLUMN routes_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE routes (
    seq         INTEGER PRIMARY KEY,
    project_seq INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    folded      TEXT NOT NULL,
    method      TEXT NOT NULL,
    pattern     TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    UNIQUE (project_seq, folded, method)
) STRICT;
