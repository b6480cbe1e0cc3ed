-- Recent uses by a key's number instead of its id, so that keys that were made together lie together, here and
-- in the tables to which their counts are moved: a move then finds most of its pages at hand. `share` is which
-- of the moves takes a key along (`sqlite/recent`).
ALTER TABLE recent_uses RENAME TO recent_uses_by_id;
CREATE TABLE recent_uses (
    share   INTEGER NOT NULL,
    key_seq INTEGER NOT NULL,
    hour    INTEGER NOT NULL,
    code    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    -- When the last of them was, and from where; 0 where a later one has another code.
    last_at INTEGER NOT NULL,
    last_ip TEXT,
    PRIMARY KEY (share, key_seq, hour, code)
) STRICT, WITHOUT ROWID;
INSERT INTO recent_uses
    SELECT (k.seq >> 6) % 31, k.seq, r.hour, r.code, r.count, r.last_at, r.last_ip
    FROM recent_uses_by_id r JOIN keys k ON k.id = r.key_id;
DROP TABLE recent_uses_by_id;

-- Whoever adds the first use of a key counts it (`sqlite/usage`), for the reason that 013 gives.
DROP TRIGGER counted_first_use;
