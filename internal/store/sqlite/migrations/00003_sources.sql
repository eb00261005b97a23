-- +goose Up

-- Since when a zone belongs to its origin, and to whom before; the revision of
-- its last change that was one of contents or serial.
ALTER TABLE zone ADD COLUMN origin_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE zone ADD COLUMN origin_before TEXT NOT NULL DEFAULT '';
ALTER TABLE zone ADD COLUMN published INTEGER NOT NULL DEFAULT 0;
UPDATE zone SET origin_since = created, published = revision;

-- What the stamped RRset covers: the origin's own, packed; NULL if it has none.
ALTER TABLE stamp ADD COLUMN hidden BLOB;
CREATE INDEX stamp_source ON stamp (source);

-- Of a deletion, the source that the zone belonged to.
ALTER TABLE change ADD COLUMN gone TEXT;
UPDATE change SET gone = (SELECT origin FROM zone WHERE zone.id = change.zone_id)
    WHERE revision IN (SELECT revision FROM zone WHERE deleted = 1);
CREATE INDEX change_gone ON change (gone, at) WHERE gone IS NOT NULL;
CREATE INDEX change_gone_actor ON change (actor, at, gone) WHERE gone IS NOT NULL;
CREATE INDEX change_source ON change (source, at) WHERE revision IS NOT NULL;

CREATE TABLE source (
    name   TEXT PRIMARY KEY,
    data   TEXT NOT NULL, -- skein.Source as JSON
    sealed BLOB           -- its secrets, by package secret
) STRICT, WITHOUT ROWID;

-- How much belongs to a source, kept with every change of it.
CREATE TABLE tally (
    source  TEXT    PRIMARY KEY,
    zones   INTEGER NOT NULL, -- live ones
    waiting INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule (
    kind TEXT    NOT NULL,
    "from" TEXT  NOT NULL,
    "to" TEXT    NOT NULL,
    "by" TEXT    NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (kind, "from", "to")
) STRICT, WITHOUT ROWID;

-- A zone that a source asks to be transferred.
CREATE TABLE transfer_zone (
    key       BLOB    NOT NULL,
    source    TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    primaries TEXT    NOT NULL, -- JSON; '' for those of the source
    label     TEXT    NOT NULL,
    catalog   BLOB    NOT NULL, -- its key; x'' for none (the root is no catalog)
    catalog_name TEXT NOT NULL,
    "group"   TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (key, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX transfer_zone_source ON transfer_zone (source, key);
CREATE INDEX transfer_zone_catalog ON transfer_zone (source, catalog, key) WHERE catalog <> x'';

-- A change that waits for a person.
CREATE TABLE waiting (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    key      BLOB    NOT NULL,
    source   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    zone     TEXT    NOT NULL,
    zone_id  TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    door     TEXT    NOT NULL,
    speaks   TEXT    NOT NULL, -- the source of the actor
    action   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    mend     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    serial   INTEGER NOT NULL,
    records  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    contents BLOB,             -- of a whole zone, packed
    edits    BLOB,             -- or of single RRsets, packed
    UNIQUE (key, source, kind)
) STRICT;
CREATE INDEX waiting_source ON waiting (source, id);
CREATE INDEX waiting_kind ON waiting (kind, id);

-- What was there before: the sources that tokens and zones name, but for
-- Skein's own two.
INSERT INTO tally (source, zones, waiting)
    SELECT origin, count(*), 0 FROM zone WHERE deleted = 0 GROUP BY origin;
INSERT INTO source (name, data)
    SELECT name, json_object('name', name,
        'door', CASE WHEN name IN (SELECT source FROM change WHERE door = 'plesk') THEN 'plesk' ELSE 'api' END,
        'created', strftime('%Y-%m-%dT%H:%M:%SZ', min(at) / 1000000000, 'unixepoch'))
    FROM (SELECT source AS name, created AS at FROM token UNION ALL SELECT origin, min(created) FROM zone GROUP BY origin)
    WHERE name NOT IN ('', 'admin', 'reverse') GROUP BY name;
