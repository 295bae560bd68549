-- The entities. What each column holds and how long it lives: docs/dev/storage-schema.md.
-- Instants and durations are milliseconds, booleans 0 or 1, lists JSON text, `version` counts changes.
-- Only states are checked here: other words (types, algorithms, events) grow from release to release,
-- SQLite cannot change a check without rebuilding the table, and whoever reads a word refuses an unknown one.

CREATE TABLE corporations (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE companies (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL,
    corporation_id TEXT COLLATE "C" REFERENCES corporations (id) ON DELETE RESTRICT,
    disabled_at    BIGINT,
    version        BIGINT NOT NULL CHECK (version > 0),
    created_at     BIGINT NOT NULL
);

-- Also what a client's corporation binding refers to: its home is a company of that corporation.
CREATE UNIQUE INDEX companies_by_corporation ON companies (corporation_id, id);

CREATE TABLE users (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username    TEXT COLLATE "C" NOT NULL,
    disabled_at BIGINT,
    version     BIGINT NOT NULL CHECK (version > 0),
    created_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX users_by_username ON users (username);

CREATE TABLE memberships (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company_id TEXT COLLATE "C" NOT NULL REFERENCES companies (id) ON DELETE RESTRICT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, company_id)
);

CREATE INDEX memberships_by_company ON memberships (company_id);

CREATE TABLE membership_roles (
    user_id    TEXT COLLATE "C" NOT NULL,
    company_id TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, company_id, role),
    FOREIGN KEY (user_id, company_id) REFERENCES memberships (user_id, company_id) ON DELETE CASCADE
);

CREATE TABLE clients (
    id                        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name                      TEXT COLLATE "C" NOT NULL,
    kind                      TEXT COLLATE "C" NOT NULL,
    auth_method               TEXT COLLATE "C" NOT NULL,
    company_id                TEXT COLLATE "C" REFERENCES companies (id) ON DELETE RESTRICT,
    corporation_id            TEXT COLLATE "C" REFERENCES corporations (id) ON DELETE RESTRICT,
    error_style               TEXT COLLATE "C" NOT NULL,
    first_party               BIGINT NOT NULL CHECK (first_party IN (0, 1)),
    require_pkce              BIGINT NOT NULL CHECK (require_pkce IN (0, 1)),
    redirect_uris             TEXT COLLATE "C" NOT NULL,
    post_logout_redirect_uris TEXT COLLATE "C" NOT NULL,
    backchannel_logout_uri    TEXT COLLATE "C",
    access_token_ttl          BIGINT CHECK (access_token_ttl > 0),
    disabled_at               BIGINT,
    version                   BIGINT NOT NULL CHECK (version > 0),
    created_at                BIGINT NOT NULL,
    CHECK (corporation_id IS NULL OR company_id IS NOT NULL),
    FOREIGN KEY (corporation_id, company_id) REFERENCES companies (corporation_id, id)
);

CREATE INDEX clients_by_company ON clients (company_id);
CREATE INDEX clients_by_corporation ON clients (corporation_id);

CREATE TABLE client_secrets (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id    TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    digest       BYTEA CHECK (length(digest) = 32),
    argon2id     TEXT COLLATE "C",
    label        TEXT COLLATE "C" NOT NULL,
    last4        TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT,
    CHECK ((digest IS NULL) <> (argon2id IS NULL))
);

CREATE UNIQUE INDEX client_secrets_by_digest ON client_secrets (digest);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id, created_at, id);

CREATE TABLE resource_servers (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name             TEXT COLLATE "C" NOT NULL,
    audience         TEXT COLLATE "C" NOT NULL,
    scopes           TEXT COLLATE "C" NOT NULL,
    access_token_ttl BIGINT CHECK (access_token_ttl > 0),
    signing_alg      TEXT COLLATE "C",
    dialect          TEXT COLLATE "C" NOT NULL,
    token_format     TEXT COLLATE "C" NOT NULL,
    tenanted         BIGINT NOT NULL CHECK (tenanted IN (0, 1)),
    version          BIGINT NOT NULL CHECK (version > 0),
    created_at       BIGINT NOT NULL
);

CREATE UNIQUE INDEX resource_servers_by_audience ON resource_servers (audience);

CREATE TABLE resource_server_secrets (
    id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    resource_server_id TEXT COLLATE "C" NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    digest             BYTEA NOT NULL CHECK (length(digest) = 32),
    label              TEXT COLLATE "C" NOT NULL,
    last4              TEXT COLLATE "C" NOT NULL,
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT,
    revoked_at         BIGINT,
    last_used_at       BIGINT
);

CREATE UNIQUE INDEX resource_server_secrets_by_digest ON resource_server_secrets (digest);
CREATE INDEX resource_server_secrets_by_owner ON resource_server_secrets (resource_server_id, created_at, id);

CREATE TABLE client_grants (
    id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id          TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    resource_server_id TEXT COLLATE "C" NOT NULL REFERENCES resource_servers (id) ON DELETE RESTRICT,
    scope              TEXT COLLATE "C" NOT NULL,
    created_at         BIGINT NOT NULL
);

CREATE UNIQUE INDEX client_grants_by_client ON client_grants (client_id, resource_server_id);
CREATE INDEX client_grants_by_resource_server ON client_grants (resource_server_id);

CREATE TABLE token_handles (
    handle          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret_id       TEXT COLLATE "C" NOT NULL REFERENCES client_secrets (id) ON DELETE CASCADE,
    client_grant_id TEXT COLLATE "C" NOT NULL REFERENCES client_grants (id) ON DELETE CASCADE,
    created_at      BIGINT NOT NULL
);

CREATE UNIQUE INDEX token_handles_by_owner ON token_handles (secret_id, client_grant_id);
CREATE INDEX token_handles_by_grant ON token_handles (client_grant_id);

CREATE TABLE data_keys (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped    BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- One row: a value that only the right keyring opens, and the data key that seals from now on.
CREATE TABLE keyring_check (
    id          BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    value       BYTEA NOT NULL,
    data_key_id TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at  BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    kid             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    algorithm       TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'pending', 'retired')),
    state_since     BIGINT,
    public_jwk      TEXT COLLATE "C" NOT NULL,
    wrapped_private BYTEA NOT NULL,
    data_key_id     TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at      BIGINT NOT NULL,
    CHECK ((state = 'pending') = (state_since IS NULL))
);

CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_one_pending ON signing_keys (algorithm) WHERE state = 'pending';

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Numbered from `change_counter`, not by the engine: whoever changes something holds that row until it
-- commits, so numbers become visible in order and a reader that has seen n never misses n - 1.
CREATE TABLE change_log (
    seq       BIGINT NOT NULL PRIMARY KEY,
    entity    TEXT COLLATE "C" NOT NULL,
    entity_id TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL
);

CREATE TABLE change_counter (
    id  BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);

INSERT INTO change_counter (id, seq) VALUES (1, 0);

-- No foreign keys: an audit record outlives what it names.
CREATE TABLE audit (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           BIGINT NOT NULL,
    event        TEXT COLLATE "C" NOT NULL,
    actor_kind   TEXT COLLATE "C" NOT NULL,
    actor_id     TEXT COLLATE "C",
    subject_kind TEXT COLLATE "C",
    subject_id   TEXT COLLATE "C",
    company_id   TEXT COLLATE "C",
    address      TEXT COLLATE "C",
    request_id   TEXT COLLATE "C",
    outcome      TEXT COLLATE "C" NOT NULL,
    detail       TEXT COLLATE "C" NOT NULL,
    count        BIGINT NOT NULL CHECK (count > 0),
    content_hash BYTEA NOT NULL CHECK (length(content_hash) = 32),
    CHECK ((subject_kind IS NULL) = (subject_id IS NULL))
);
