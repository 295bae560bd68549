-- Back-channel logout: whom a session has signed in to, and the logout tokens that are to be sent. See
-- docs/dev/storage-schema.md.

-- It outlives its session's row, which goes once it has expired: who then signs out everywhere is signed out here too.
CREATE TABLE session_clients (
    session_id   TEXT COLLATE "C" NOT NULL,
    client_id    TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    signed_in_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

CREATE INDEX session_clients_by_client ON session_clients (client_id);
CREATE INDEX session_clients_by_user ON session_clients (user_id);
CREATE INDEX session_clients_by_time ON session_clients (signed_in_at);

-- A session ends once, so each of its clients is told once. The user may be gone by then.
CREATE TABLE logout_outbox (
    session_id  TEXT COLLATE "C" NOT NULL,
    client_id   TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id     TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    last_answer TEXT COLLATE "C",
    outcome     TEXT COLLATE "C",
    ended_at    BIGINT,
    PRIMARY KEY (session_id, client_id),
    CHECK ((outcome IS NULL) = (ended_at IS NULL))
);

CREATE INDEX logout_outbox_by_due ON logout_outbox (client_id, due_at) WHERE ended_at IS NULL;
CREATE INDEX logout_outbox_by_age ON logout_outbox (created_at) WHERE ended_at IS NULL;
CREATE INDEX logout_outbox_by_end ON logout_outbox (ended_at) WHERE ended_at IS NOT NULL;

-- Whom to look at for what is due.
CREATE INDEX clients_that_are_told ON clients (id) WHERE backchannel_logout_uri IS NOT NULL;
