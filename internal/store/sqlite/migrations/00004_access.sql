-- +goose Up

-- The pool that a zone was in before, so that members there let go of it.
ALTER TABLE zone ADD COLUMN pool_before TEXT NOT NULL DEFAULT '';
UPDATE zone SET owner = 'root' WHERE owner = '';
UPDATE zone SET pool = 'default' WHERE pool = '';
CREATE INDEX zone_owner ON zone (owner, key) WHERE deleted = 0;
CREATE INDEX zone_pool ON zone (pool, key) WHERE deleted = 0;
CREATE INDEX zone_dead_owner ON zone (owner, revision) WHERE deleted = 1;

-- How many live zones an owner has in a pool, kept with every change of it.
CREATE TABLE holding (
    owner TEXT    NOT NULL,
    pool  TEXT    NOT NULL,
    zones INTEGER NOT NULL,
    PRIMARY KEY (owner, pool)
) STRICT, WITHOUT ROWID;
INSERT INTO holding (owner, pool, zones)
    SELECT owner, pool, count(*) FROM zone WHERE deleted = 0 GROUP BY owner, pool;

-- Where a change came from, the tenant of who made it, and what was to change.
ALTER TABLE change ADD COLUMN addr TEXT NOT NULL DEFAULT '';
ALTER TABLE change ADD COLUMN tenant TEXT NOT NULL DEFAULT 'root';
ALTER TABLE change ADD COLUMN diff TEXT NOT NULL DEFAULT ''; -- a JSON list; '' for none

-- The audit log, newest first, by whatever is asked for.
CREATE INDEX change_at ON change (at);
CREATE INDEX change_refused ON change (at) WHERE refused <> '';
CREATE INDEX change_about ON change (key, at) WHERE zone <> '';
CREATE INDEX change_actor ON change (actor, at);
CREATE INDEX change_tenant ON change (tenant, at);
DROP INDEX change_source;
CREATE INDEX change_source ON change (source, at);

ALTER TABLE token ADD COLUMN tenant TEXT NOT NULL DEFAULT 'root';
ALTER TABLE token ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN scope TEXT NOT NULL DEFAULT '{}'; -- skein.Scope as JSON
UPDATE token SET role = 'root' WHERE admin = 1;
ALTER TABLE token DROP COLUMN admin;

CREATE TABLE tenant (
    name TEXT PRIMARY KEY,
    data TEXT NOT NULL -- skein.Tenant as JSON
) STRICT, WITHOUT ROWID;
INSERT INTO tenant (name, data) VALUES ('root', json_object('name', 'root', 'kind', 'root', 'version', 1));

CREATE TABLE user (
    name   TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    data   TEXT NOT NULL, -- skein.User as JSON
    hash   TEXT NOT NULL, -- of the password, a PHC string
    sealed BLOB           -- what one-time codes are made from, by package secret
) STRICT, WITHOUT ROWID;
CREATE INDEX user_tenant ON user (tenant);

CREATE TABLE session (
    id      TEXT    PRIMARY KEY,
    user    TEXT    NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    hash    BLOB    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    addr    TEXT    NOT NULL,
    agent   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, created);
CREATE INDEX session_seen ON session (seen);

-- All that was there before is root's, and in the default pool.
UPDATE source SET data = json_set(data, '$.tenant', 'root');
UPDATE member SET data = json_set(data, '$.pool', 'default', '$.version', 1);
