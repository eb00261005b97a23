-- +goose Up

-- The deleted lives of a name, for undelete.
CREATE INDEX zone_dead_key ON zone (key, revision) WHERE deleted = 1;
