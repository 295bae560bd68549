-- Themes: how the pages look, the server's and those of applications. See docs/dev/storage-schema.md.

-- `id` is the client's, or *: the server's own. `logo_name` is of the picture's content and kind.
CREATE TABLE themes (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C",
    accent      TEXT COLLATE "C",
    accent_dark TEXT COLLATE "C",
    logo_name   TEXT COLLATE "C",
    logo        BYTEA,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX themes_by_logo ON themes (logo_name);
