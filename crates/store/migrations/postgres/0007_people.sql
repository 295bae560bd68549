-- People: accounts, roles, sessions, what users have granted, and what lives of it. See docs/dev/storage-schema.md.

-- How the user is called, and what else is known (OpenID Connect Core §5.1), a JSON object.
ALTER TABLE users ADD COLUMN name TEXT COLLATE "C";
ALTER TABLE users ADD COLUMN claims TEXT COLLATE "C" NOT NULL DEFAULT '{}';
-- Since when the address that the username is has been known to be the user's.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;

-- Whether users need not be asked: only of what is ours, and only where an operator said so.
ALTER TABLE clients ADD COLUMN skip_consent BIGINT NOT NULL DEFAULT 0 CHECK (skip_consent IN (0, 1));

CREATE TABLE passwords (
    user_id    TEXT COLLATE "C"    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT COLLATE "C"    NOT NULL,
    chosen_at  BIGINT
);

-- The second factor: a seed that user and server share. It counts once a code of it has been shown.
CREATE TABLE totp_seeds (
    user_id      TEXT COLLATE "C"    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    wrapped_seed BYTEA    NOT NULL,
    data_key_id  TEXT COLLATE "C"    NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    last_step    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    confirmed_at BIGINT,
    wrong_codes  BIGINT NOT NULL DEFAULT 0,
    forgiven_at  BIGINT
);

CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest  BYTEA    NOT NULL CHECK (length(digest) = 32),
    used_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

-- What is sent by mail to prove that an address is somebody's: used once.
CREATE TABLE mail_links (
    digest     BYTEA    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_id    TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT COLLATE "C"    NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE INDEX mail_links_by_user ON mail_links (user_id);
CREATE INDEX mail_links_by_end ON mail_links (expires_at);

-- Mail that is to be sent, as somebody in it may read it.
CREATE TABLE mail_outbox (
    id          TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    recipient   TEXT COLLATE "C"    NOT NULL,
    subject     TEXT COLLATE "C"    NOT NULL,
    wrapped     BYTEA    NOT NULL,
    data_key_id TEXT COLLATE "C"    NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at  BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    sent_at     BIGINT
);

CREATE INDEX mail_outbox_by_due ON mail_outbox (due_at) WHERE sent_at IS NULL;
CREATE INDEX mail_outbox_by_recipient ON mail_outbox (recipient, created_at);

-- What a membership's roles allow. One that is `corporation_wide` holds for every company of the corporation.
CREATE TABLE roles (
    name             TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    description      TEXT COLLATE "C"    NOT NULL,
    corporation_wide BIGINT NOT NULL CHECK (corporation_wide IN (0, 1)),
    created_at       BIGINT NOT NULL
);

CREATE TABLE role_permissions (
    role               TEXT COLLATE "C" NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    resource_server_id TEXT COLLATE "C" NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    scope              TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role, resource_server_id)
);

CREATE INDEX role_permissions_by_api ON role_permissions (resource_server_id);
CREATE INDEX membership_roles_by_role ON membership_roles (role);

-- The keys that sign and seal cookies and the state before sign-in, kept wrapped; the one that is not retired seals.
CREATE TABLE session_keys (
    kid         TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    wrapped     BYTEA    NOT NULL,
    data_key_id TEXT COLLATE "C"    NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at  BIGINT NOT NULL,
    retired_at  BIGINT
);

-- One sign-in of one user in one browser. `digest` is of what its cookie says now.
CREATE TABLE sessions (
    id           TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    digest       BYTEA    NOT NULL CHECK (length(digest) = 32),
    user_id      TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company_id   TEXT COLLATE "C"    REFERENCES companies (id) ON DELETE SET NULL,
    auth_time    BIGINT NOT NULL,
    amr          TEXT COLLATE "C"    NOT NULL,
    address      TEXT COLLATE "C",
    user_agent   TEXT COLLATE "C"    NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX sessions_by_digest ON sessions (digest);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_company ON sessions (company_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- What a user lets an application do at an API, until taken back; without an API: what it may learn of the user. For a
-- company; with a corporation: for all of its companies; without a company: nothing that is of one.
CREATE TABLE consents (
    user_id            TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id          TEXT COLLATE "C"    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    resource_server_id TEXT COLLATE "C"    NOT NULL,
    company_id         TEXT COLLATE "C"    NOT NULL,
    corporation_id     TEXT COLLATE "C"    NOT NULL,
    scope              TEXT COLLATE "C"    NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id, resource_server_id, company_id, corporation_id)
);

CREATE INDEX consents_by_client ON consents (client_id);

-- One authorization: its code, its refresh tokens and its access tokens, which die as one.
CREATE TABLE token_families (
    handle             TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    client_id          TEXT COLLATE "C"    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id            TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id         TEXT COLLATE "C"    NOT NULL,
    resource_server_id TEXT COLLATE "C"    REFERENCES resource_servers (id) ON DELETE CASCADE,
    company_id         TEXT COLLATE "C"    REFERENCES companies (id) ON DELETE CASCADE,
    corporation_id     TEXT COLLATE "C",
    scope              TEXT COLLATE "C"    NOT NULL,
    auth_time          BIGINT NOT NULL,
    amr                TEXT COLLATE "C"    NOT NULL,
    claims_request     TEXT COLLATE "C"    NOT NULL,
    longest_ttl        BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT NOT NULL
);

CREATE INDEX token_families_by_client ON token_families (client_id);
CREATE INDEX token_families_by_user ON token_families (user_id, client_id);
CREATE INDEX token_families_by_session ON token_families (session_id);
CREATE INDEX token_families_by_company ON token_families (company_id);
CREATE INDEX token_families_by_api ON token_families (resource_server_id);
CREATE INDEX token_families_by_end ON token_families (expires_at);

CREATE TABLE authorization_codes (
    digest         BYTEA    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    handle         TEXT COLLATE "C"    NOT NULL REFERENCES token_families (handle) ON DELETE CASCADE,
    redirect_uri   TEXT COLLATE "C"    NOT NULL,
    code_challenge TEXT COLLATE "C",
    nonce          TEXT COLLATE "C",
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    redeemed_at    BIGINT
);

CREATE INDEX authorization_codes_by_family ON authorization_codes (handle);

-- A pending authorization request is answered once, with a code or by denying, however often its form is sent and whatever
-- becomes of the code.
CREATE TABLE answered_requests (
    id         TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX answered_requests_by_end ON answered_requests (expires_at);

-- A spent one keeps its successor, sealed under a key that only the spent token yields.
CREATE TABLE refresh_tokens (
    digest           BYTEA    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    handle           TEXT COLLATE "C"    NOT NULL REFERENCES token_families (handle) ON DELETE CASCADE,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    spent_at         BIGINT,
    successor_digest BYTEA    CHECK (length(successor_digest) = 32),
    successor_sealed BYTEA,
    repeats          BIGINT NOT NULL,
    CHECK ((spent_at IS NULL) = (successor_digest IS NULL)),
    CHECK ((spent_at IS NULL) = (successor_sealed IS NULL))
);

CREATE INDEX refresh_tokens_by_family ON refresh_tokens (handle);
