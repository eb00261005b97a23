-- +goose Up

-- The zone file that a zone's contents were given as, packed, where it is
-- known; revision is of the change that brought it. It goes with the next
-- contents that come without one.
CREATE TABLE text (
    zone     INTEGER PRIMARY KEY REFERENCES zone (num) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    data     BLOB    NOT NULL
) STRICT;

-- In whose form the secret of a token is; '': in Skein's own.
ALTER TABLE token ADD COLUMN form TEXT NOT NULL DEFAULT '';
