-- The entities. What each column holds and how long it lives: docs/dev/storage-schema.md.
-- Instants and durations are milliseconds, booleans 0 or 1, lists JSON text, `version` counts changes.
-- Only states are checked here: other words (types, algorithms, events) grow from release to release,
-- SQLite cannot change a check without rebuilding the table, and whoever reads a word refuses an unknown one.

CREATE TABLE corporations (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE companies (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    corporation_id TEXT    REFERENCES corporations (id) ON DELETE RESTRICT,
    disabled_at    INTEGER,
    version        INTEGER NOT NULL CHECK (version > 0),
    created_at     INTEGER NOT NULL
) STRICT;

-- Also what a client's corporation binding refers to: its home is a company of that corporation.
CREATE UNIQUE INDEX companies_by_corporation ON companies (corporation_id, id);

CREATE TABLE users (
    id          TEXT    NOT NULL PRIMARY KEY,
    username    TEXT    NOT NULL,
    disabled_at INTEGER,
    version     INTEGER NOT NULL CHECK (version > 0),
    created_at  INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX users_by_username ON users (username);

CREATE TABLE memberships (
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company_id TEXT    NOT NULL REFERENCES companies (id) ON DELETE RESTRICT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, company_id)
) STRICT;

CREATE INDEX memberships_by_company ON memberships (company_id);

CREATE TABLE membership_roles (
    user_id    TEXT NOT NULL,
    company_id TEXT NOT NULL,
    role       TEXT NOT NULL,
    PRIMARY KEY (user_id, company_id, role),
    FOREIGN KEY (user_id, company_id) REFERENCES memberships (user_id, company_id) ON DELETE CASCADE
) STRICT;

CREATE TABLE clients (
    id                        TEXT    NOT NULL PRIMARY KEY,
    name                      TEXT    NOT NULL,
    kind                      TEXT    NOT NULL,
    auth_method               TEXT    NOT NULL,
    company_id                TEXT    REFERENCES companies (id) ON DELETE RESTRICT,
    corporation_id            TEXT    REFERENCES corporations (id) ON DELETE RESTRICT,
    error_style               TEXT    NOT NULL,
    first_party               INTEGER NOT NULL CHECK (first_party IN (0, 1)),
    require_pkce              INTEGER NOT NULL CHECK (require_pkce IN (0, 1)),
    redirect_uris             TEXT    NOT NULL,
    post_logout_redirect_uris TEXT    NOT NULL,
    backchannel_logout_uri    TEXT,
    access_token_ttl          INTEGER CHECK (access_token_ttl > 0),
    disabled_at               INTEGER,
    version                   INTEGER NOT NULL CHECK (version > 0),
    created_at                INTEGER NOT NULL,
    CHECK (corporation_id IS NULL OR company_id IS NOT NULL),
    FOREIGN KEY (corporation_id, company_id) REFERENCES companies (corporation_id, id)
) STRICT;

CREATE INDEX clients_by_company ON clients (company_id);
CREATE INDEX clients_by_corporation ON clients (corporation_id);

CREATE TABLE client_secrets (
    id           TEXT    NOT NULL PRIMARY KEY,
    client_id    TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    digest       BLOB    CHECK (length(digest) = 32),
    argon2id     TEXT,
    label        TEXT    NOT NULL,
    last4        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    CHECK ((digest IS NULL) <> (argon2id IS NULL))
) STRICT;

CREATE UNIQUE INDEX client_secrets_by_digest ON client_secrets (digest);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id, created_at, id);

CREATE TABLE resource_servers (
    id               TEXT    NOT NULL PRIMARY KEY,
    name             TEXT    NOT NULL,
    audience         TEXT    NOT NULL,
    scopes           TEXT    NOT NULL,
    access_token_ttl INTEGER CHECK (access_token_ttl > 0),
    signing_alg      TEXT,
    dialect          TEXT    NOT NULL,
    token_format     TEXT    NOT NULL,
    tenanted         INTEGER NOT NULL CHECK (tenanted IN (0, 1)),
    version          INTEGER NOT NULL CHECK (version > 0),
    created_at       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX resource_servers_by_audience ON resource_servers (audience);

CREATE TABLE resource_server_secrets (
    id                 TEXT    NOT NULL PRIMARY KEY,
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    digest             BLOB    NOT NULL CHECK (length(digest) = 32),
    label              TEXT    NOT NULL,
    last4              TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER,
    revoked_at         INTEGER,
    last_used_at       INTEGER
) STRICT;

CREATE UNIQUE INDEX resource_server_secrets_by_digest ON resource_server_secrets (digest);
CREATE INDEX resource_server_secrets_by_owner ON resource_server_secrets (resource_server_id, created_at, id);

CREATE TABLE client_grants (
    id                 TEXT    NOT NULL PRIMARY KEY,
    client_id          TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE RESTRICT,
    scope              TEXT    NOT NULL,
    created_at         INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX client_grants_by_client ON client_grants (client_id, resource_server_id);
CREATE INDEX client_grants_by_resource_server ON client_grants (resource_server_id);

CREATE TABLE token_handles (
    handle          TEXT    NOT NULL PRIMARY KEY,
    secret_id       TEXT    NOT NULL REFERENCES client_secrets (id) ON DELETE CASCADE,
    client_grant_id TEXT    NOT NULL REFERENCES client_grants (id) ON DELETE CASCADE,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX token_handles_by_owner ON token_handles (secret_id, client_grant_id);
CREATE INDEX token_handles_by_grant ON token_handles (client_grant_id);

CREATE TABLE data_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    wrapped    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row: a value that only the right keyring opens, and the data key that seals from now on.
CREATE TABLE keyring_check (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    value       BLOB    NOT NULL,
    data_key_id TEXT    NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    kid             TEXT    NOT NULL PRIMARY KEY,
    algorithm       TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('active', 'pending', 'retired')),
    state_since     INTEGER,
    public_jwk      TEXT    NOT NULL,
    wrapped_private BLOB    NOT NULL,
    data_key_id     TEXT    NOT NULL REFERENCES data_keys (id) ON DELETE RESTRICT,
    created_at      INTEGER NOT NULL,
    CHECK ((state = 'pending') = (state_since IS NULL))
) STRICT;

CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_one_pending ON signing_keys (algorithm) WHERE state = 'pending';

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Numbered from `change_counter`, not by the engine: whoever changes something holds that row until it
-- commits, so numbers become visible in order and a reader that has seen n never misses n - 1.
CREATE TABLE change_log (
    seq       INTEGER NOT NULL PRIMARY KEY,
    entity    TEXT    NOT NULL,
    entity_id TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE change_counter (
    id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
) STRICT;

INSERT INTO change_counter (id, seq) VALUES (1, 0);

-- No foreign keys: an audit record outlives what it names.
CREATE TABLE audit (
    seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    event        TEXT    NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     TEXT,
    subject_kind TEXT,
    subject_id   TEXT,
    company_id   TEXT,
    address      TEXT,
    request_id   TEXT,
    outcome      TEXT    NOT NULL,
    detail       TEXT    NOT NULL,
    count        INTEGER NOT NULL CHECK (count > 0),
    content_hash BLOB    NOT NULL CHECK (length(content_hash) = 32),
    CHECK ((subject_kind IS NULL) = (subject_id IS NULL))
) STRICT;
