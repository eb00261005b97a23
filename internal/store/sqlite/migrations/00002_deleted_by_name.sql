-- +goose Up

-- The deleted lives of a source and of a name, for undelete. SQLite takes the
-- later of two that fit equally, and a name has fewer lives than a source has.
CREATE INDEX zone_dead_origin ON zone (origin, revision) WHERE deleted = 1;
CREATE INDEX zone_dead_key ON zone (key, revision) WHERE deleted = 1;
