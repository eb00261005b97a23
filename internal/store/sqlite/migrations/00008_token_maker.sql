-- +goose Up

-- The user who made a token, and with whom one that acts as people do ends; ''
-- where it was no user.
ALTER TABLE token ADD COLUMN maker TEXT NOT NULL DEFAULT '';
CREATE INDEX token_maker ON token (maker) WHERE maker != '';
