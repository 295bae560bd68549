-- Credentials that were reported to have leaked. See docs/dev/storage-schema.md.

-- Each once, whoever reports it how often. Whose it is stands there only where there is somebody to be told.
CREATE TABLE leaks (
    id          TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    last4       TEXT    NOT NULL,
    client_id   TEXT    REFERENCES clients (id) ON DELETE CASCADE,
    user_id     TEXT    REFERENCES users (id) ON DELETE CASCADE,
    revoked     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    told_at     INTEGER
) STRICT;

CREATE INDEX leaks_by_client ON leaks (client_id, reported_at);
CREATE INDEX leaks_by_user ON leaks (user_id, told_at);
CREATE INDEX leaks_untold ON leaks (reported_at) WHERE told_at IS NULL AND user_id IS NOT NULL;
CREATE INDEX leaks_by_age ON leaks (reported_at);
