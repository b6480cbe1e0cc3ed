-- What a server counted in the last seconds. Each key has its own pages in `keys`, its indexes and
-- `usage_hours`, and to change them every second is dear; here a thousand keys share a few pages. In turn
-- they are moved to where they belong (`sqlite/recent`), and all of them before anybody reads counts.
CREATE TABLE recent_uses (
    key_id  TEXT NOT NULL,
    hour    INTEGER NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    -- When the last of them was, and from where; 0 where a later one has another code.
    last_at INTEGER NOT NULL,
    last_ip TEXT,
    PRIMARY KEY (key_id, hour, code)
) STRICT, WITHOUT ROWID;
