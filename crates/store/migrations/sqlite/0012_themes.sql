-- Themes: how the pages look, the server's and those of applications. See docs/dev/storage-schema.md.

-- `id` is the client's, or *: the server's own. `logo_name` is of the picture's content and kind.
CREATE TABLE themes (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT,
    accent      TEXT,
    accent_dark TEXT,
    logo_name   TEXT,
    logo        BLOB,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX themes_by_logo ON themes (logo_name);
