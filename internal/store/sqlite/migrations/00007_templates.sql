-- +goose Up

CREATE TABLE template (
    tenant TEXT NOT NULL, -- whose it is
    name   TEXT NOT NULL,
    data   TEXT NOT NULL, -- skein.Template as JSON
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
