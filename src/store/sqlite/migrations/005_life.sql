-- Why a key is switched off and since when it is on, and when it will be switched off since nobody uses it.
ALTER TABLE keys ADD COLUMN disabled_reason TEXT;
ALTER TABLE keys ADD COLUMN enabled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN unused_off_at INTEGER;
CREATE INDEX keys_by_end ON keys (project_seq, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX keys_unused_off ON keys (project_seq, unused_off_at) WHERE unused_off_at IS NOT NULL;

-- Who still uses which secret, noted while a key has two live ones: every request that presented
-- it, refused ones, too. With `quiet_ms`, a replaced secret ends once it was not seen for so long.
ALTER TABLE key_secrets ADD COLUMN last_seen_at INTEGER;
ALTER TABLE key_secrets ADD COLUMN last_seen_ip TEXT;
ALTER TABLE key_secrets ADD COLUMN n_seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE key_secrets ADD COLUMN quiet_ms INTEGER;
CREATE INDEX key_secrets_quiet ON key_secrets (key_seq) WHERE quiet_ms IS NOT NULL;

-- What a project demands of its keys; null for nothing.
ALTER TABLE projects ADD COLUMN max_lifetime_ms INTEGER;
ALTER TABLE projects ADD COLUMN disable_unused_ms INTEGER;
ALTER TABLE projects ADD COLUMN show_reason INTEGER NOT NULL DEFAULT 0;
