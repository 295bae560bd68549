-- Limits: who has failed to authenticate, how often. See docs/dev/storage-schema.md.

-- A name with an address, as a digest of both; failures in the minute that begins with the first of them.
CREATE TABLE auth_failures (
    pair_digest BLOB    NOT NULL PRIMARY KEY CHECK (length(pair_digest) = 32),
    began_at    INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    written_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX auth_failures_by_writing ON auth_failures (written_at);
