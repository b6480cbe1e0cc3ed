-- What lists walk. An index that a list walks from end to end also holds what statuses are made of,
-- so that rows which do not fit are passed over without being read.

DROP INDEX keys_of_project;
CREATE INDEX keys_by_age ON keys (project_seq, seq, enabled, expires_at, account_seq);
DROP INDEX keys_by_last_use;
CREATE INDEX keys_by_last_use ON keys (project_seq, last_used_at, seq, enabled, expires_at, account_seq);
CREATE INDEX keys_disabled ON keys (project_seq, seq) WHERE enabled = 0;
CREATE INDEX keys_disabled_by_name ON keys (project_seq, name) WHERE enabled = 0;
CREATE INDEX keys_disabled_by_last_use ON keys (project_seq, last_used_at, seq) WHERE enabled = 0;
CREATE INDEX keys_of_account_by_name ON keys (account_seq, name) WHERE account_seq IS NOT NULL;
CREATE INDEX accounts_disabled ON accounts (project_seq, seq) WHERE enabled = 0;
CREATE INDEX accounts_by_name ON accounts (project_seq, name COLLATE NOCASE);

-- Three characters in a row, of each name. A row's number is the project's, times 2^40, plus its own,
-- so that a search stays within one project. Which of them stand together is not kept: that costs a
-- third of the bytes, and a name that has them all is looked at anyway.
CREATE VIRTUAL TABLE key_search USING fts5 (name, content='', columnsize=0, detail='none', tokenize='trigram');
-- Keys up to this number are in `key_search`; those after it are few and are looked at one by one
-- (`sqlite/search`).
CREATE TABLE key_search_end (seq INTEGER NOT NULL) STRICT;
INSERT INTO key_search (rowid, name) SELECT (project_seq << 40) + seq, name FROM keys;
INSERT INTO key_search_end SELECT coalesce(max(seq), 0) FROM keys;

CREATE VIRTUAL TABLE account_search USING fts5 (text, content='', columnsize=0, detail='none', tokenize='trigram');
INSERT INTO account_search (rowid, text)
    SELECT (project_seq << 40) + seq, concat_ws(char(10), name, external_id, id) FROM accounts;
CREATE TRIGGER account_search_added AFTER INSERT ON accounts BEGIN
    INSERT INTO account_search (rowid, text)
        VALUES ((new.project_seq << 40) + new.seq, concat_ws(char(10), new.name, new.external_id, new.id));
END;
CREATE TRIGGER account_search_removed AFTER DELETE ON accounts BEGIN
    INSERT INTO account_search (account_search, rowid, text)
        VALUES ('delete', (old.project_seq << 40) + old.seq, concat_ws(char(10), old.name, old.external_id, old.id));
END;
CREATE TRIGGER account_search_changed AFTER UPDATE OF name, external_id ON accounts BEGIN
    INSERT INTO account_search (account_search, rowid, text)
        VALUES ('delete', (old.project_seq << 40) + old.seq, concat_ws(char(10), old.name, old.external_id, old.id));
    INSERT INTO account_search (rowid, text)
        VALUES ((new.project_seq << 40) + new.seq, concat_ws(char(10), new.name, new.external_id, new.id));
END;

-- How many there are is asked by every page and would else be counted row by row.
CREATE TABLE project_counts (
    project_seq  INTEGER NOT NULL PRIMARY KEY REFERENCES projects (seq) ON DELETE CASCADE,
    n_keys       INTEGER NOT NULL DEFAULT 0,
    n_never_used INTEGER NOT NULL DEFAULT 0,
    n_accounts   INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO project_counts
    SELECT seq, (SELECT count(*) FROM keys k WHERE k.project_seq = p.seq),
        (SELECT count(*) FROM keys k WHERE k.project_seq = p.seq AND k.last_used_at = 0),
        (SELECT count(*) FROM accounts a WHERE a.project_seq = p.seq)
    FROM projects p;
ALTER TABLE accounts ADD COLUMN n_keys INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET n_keys = (SELECT count(*) FROM keys k WHERE k.account_seq = accounts.seq);
CREATE TRIGGER counted_project AFTER INSERT ON projects BEGIN
    INSERT INTO project_counts (project_seq) VALUES (new.seq);
END;
CREATE TRIGGER counted_account AFTER INSERT ON accounts BEGIN
    UPDATE project_counts SET n_accounts = n_accounts + 1 WHERE project_seq = new.project_seq;
END;
CREATE TRIGGER uncounted_account AFTER DELETE ON accounts BEGIN
    UPDATE project_counts SET n_accounts = n_accounts - 1 WHERE project_seq = old.project_seq;
END;
CREATE TRIGGER counted_key AFTER INSERT ON keys BEGIN
    UPDATE project_counts SET n_keys = n_keys + 1, n_never_used = n_never_used + (new.last_used_at = 0)
        WHERE project_seq = new.project_seq;
    UPDATE accounts SET n_keys = n_keys + 1 WHERE seq = new.account_seq;
END;
CREATE TRIGGER uncounted_key AFTER DELETE ON keys BEGIN
    UPDATE project_counts SET n_keys = n_keys - 1, n_never_used = n_never_used - (old.last_used_at = 0)
        WHERE project_seq = old.project_seq;
    UPDATE accounts SET n_keys = n_keys - 1 WHERE seq = old.account_seq;
END;
CREATE TRIGGER counted_first_use AFTER UPDATE OF last_used_at ON keys
WHEN (old.last_used_at = 0) <> (new.last_used_at = 0) BEGIN
    UPDATE project_counts SET n_never_used = n_never_used + (new.last_used_at = 0) - (old.last_used_at = 0)
        WHERE project_seq = new.project_seq;
END;
CREATE TRIGGER counted_move AFTER UPDATE OF account_seq ON keys WHEN old.account_seq IS NOT new.account_seq BEGIN
    UPDATE accounts SET n_keys = n_keys - 1 WHERE seq = old.account_seq;
    UPDATE accounts SET n_keys = n_keys + 1 WHERE seq = new.account_seq;
END;
