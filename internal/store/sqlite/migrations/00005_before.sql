-- +goose Up

-- The serial before a change, so that what was published at an earlier time is
-- known although the version of then is no longer kept. NULL where a zone was
-- created, and of changes before this column was there.
ALTER TABLE version ADD COLUMN before INTEGER;
