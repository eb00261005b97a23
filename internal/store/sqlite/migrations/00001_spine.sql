-- +goose Up

-- One row. revision and digest are those of the newest change; cursors below
-- the floor are refused, since what was removed down there is forgotten;
-- zones is how many live.
CREATE TABLE position (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    epoch        TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    digest       BLOB    NOT NULL,
    floor        INTEGER NOT NULL,
    floor_digest BLOB    NOT NULL,
    zones        INTEGER NOT NULL
) STRICT;

-- One row a life of a zone; deleted ones stay as tombstones until purged.
-- key is zone.Name.Key: its plain order is the canonical order of names.
CREATE TABLE zone (
    num      INTEGER PRIMARY KEY,
    id       TEXT    NOT NULL UNIQUE,
    name     TEXT    NOT NULL,
    key      BLOB    NOT NULL,
    revision INTEGER NOT NULL UNIQUE, -- the feed is this index
    serial   INTEGER NOT NULL,
    origin   TEXT    NOT NULL,
    pool     TEXT    NOT NULL,
    owner    TEXT    NOT NULL,
    policy   TEXT    NOT NULL,
    records  INTEGER NOT NULL,
    created  INTEGER NOT NULL, -- nanoseconds since 1970, here and below
    changed  INTEGER NOT NULL,
    deleted  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX zone_live ON zone (key) WHERE deleted = 0;
CREATE INDEX zone_origin ON zone (origin, key) WHERE deleted = 0;
CREATE INDEX zone_dead ON zone (revision) WHERE deleted = 1;

-- Contents, in canonical order: each chunk holds the owner names from first
-- on, up to the next chunk's. The first chunk of a zone begins at x''.
CREATE TABLE chunk (
    num   INTEGER PRIMARY KEY,
    zone  INTEGER NOT NULL REFERENCES zone (num) ON DELETE CASCADE,
    first BLOB    NOT NULL,
    data  BLOB    NOT NULL,
    UNIQUE (zone, first)
) STRICT;

-- One row a revision. delta leads from prev to revision; it is NULL where a
-- zone was created or deleted: what it holds is then in its chunks.
CREATE TABLE version (
    revision INTEGER PRIMARY KEY,
    prev     INTEGER NOT NULL,
    zone     INTEGER NOT NULL REFERENCES zone (num) ON DELETE CASCADE,
    serial   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    digest   BLOB    NOT NULL, -- of the history up to here
    delta    BLOB
) STRICT;
CREATE INDEX version_zone ON version (zone, revision);

-- The last serial of a name whose zone was deleted. Outlives everything.
CREATE TABLE serial_floor (
    key    BLOB    PRIMARY KEY,
    serial INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- RRsets that belong to a source of their own.
CREATE TABLE stamp (
    zone   INTEGER NOT NULL REFERENCES zone (num) ON DELETE CASCADE,
    key    BLOB    NOT NULL,
    type   INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    source TEXT    NOT NULL,
    PRIMARY KEY (zone, key, type)
) STRICT, WITHOUT ROWID;

-- The audit log: changes, and refusals (no revision).
CREATE TABLE change (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT    NOT NULL,
    revision INTEGER,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    door     TEXT    NOT NULL,
    source   TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    zone_id  TEXT    NOT NULL,
    zone     TEXT    NOT NULL,
    key      BLOB    NOT NULL,
    serial   INTEGER NOT NULL,
    added    INTEGER NOT NULL,
    removed  INTEGER NOT NULL,
    refused  TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX change_id ON change (id) WHERE revision IS NOT NULL;
CREATE INDEX change_zone ON change (key, seq) WHERE revision IS NOT NULL;

CREATE TABLE member (
    name   TEXT PRIMARY KEY,
    data   TEXT NOT NULL, -- skein.Member as JSON
    sealed BLOB           -- its secrets, by package secret
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    id      TEXT    PRIMARY KEY,
    name    TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    admin   INTEGER NOT NULL,
    hash    BLOB    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL -- 0: never
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
