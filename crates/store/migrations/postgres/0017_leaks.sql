-- Credentials that were reported to have leaked. See docs/dev/storage-schema.md.

-- Each once, whoever reports it how often. Whose it is stands there only where there is somebody to be told.
CREATE TABLE leaks (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    last4       TEXT COLLATE "C" NOT NULL,
    client_id   TEXT COLLATE "C" REFERENCES clients (id) ON DELETE CASCADE,
    user_id     TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    revoked     BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    told_at     BIGINT
);

CREATE INDEX leaks_by_client ON leaks (client_id, reported_at);
CREATE INDEX leaks_by_user ON leaks (user_id, told_at);
CREATE INDEX leaks_untold ON leaks (reported_at) WHERE told_at IS NULL AND user_id IS NOT NULL;
CREATE INDEX leaks_by_age ON leaks (reported_at);
