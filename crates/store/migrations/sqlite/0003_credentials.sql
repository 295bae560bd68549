-- Credentials and what ends them: key life, client keys, opaque tokens, revocation. See docs/dev/storage-schema.md.

-- Until when a retired key still verifies: the last token that it signed has expired then.
ALTER TABLE signing_keys ADD COLUMN verifies_until INTEGER;

-- A client's own public keys, inline or where they are published, for private_key_jwt.
ALTER TABLE clients ADD COLUMN jwks TEXT;
ALTER TABLE clients ADD COLUMN jwks_uri TEXT;
-- Claims that its tokens carry under the namespace beside the tenant, a JSON object.
ALTER TABLE clients ADD COLUMN claims TEXT NOT NULL DEFAULT '{}';
-- The longest lifetime of a token under the handle, in milliseconds; those of before may have up to thirty days.
ALTER TABLE token_handles ADD COLUMN longest_ttl INTEGER NOT NULL DEFAULT 2592000000;
-- The company to which its tokens are narrowed, where that is not the client's home; empty otherwise.
ALTER TABLE token_handles ADD COLUMN company_id TEXT NOT NULL DEFAULT '';
DROP INDEX token_handles_by_owner;
CREATE UNIQUE INDEX token_handles_by_owner ON token_handles (secret_id, client_grant_id, company_id);
CREATE INDEX token_handles_by_company ON token_handles (company_id) WHERE company_id <> '';
-- Stands where a secret's handle stands for clients that have no secret.
CREATE TABLE assertion_handles (
    handle          TEXT    NOT NULL PRIMARY KEY,
    client_grant_id TEXT    NOT NULL REFERENCES client_grants (id) ON DELETE CASCADE,
    company_id      TEXT    NOT NULL DEFAULT '',
    longest_ttl     INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX assertion_handles_by_grant ON assertion_handles (client_grant_id, company_id);
CREATE INDEX assertion_handles_by_company ON assertion_handles (company_id) WHERE company_id <> '';

-- Client assertions that were used, each once, until they expire (RFC 7523 section 3).
CREATE TABLE used_assertions (
    client_id  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    jti_digest BLOB    NOT NULL CHECK (length(jti_digest) = 32),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, jti_digest)
) STRICT;

CREATE INDEX used_assertions_by_end ON used_assertions (expires_at);

CREATE TABLE integrations (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    client_id  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX integrations_by_name ON integrations (name);
CREATE UNIQUE INDEX integrations_by_client ON integrations (client_id);

-- Opaque access tokens: the token itself is not kept, only its digest. `handle` says what it is revoked with.
CREATE TABLE opaque_tokens (
    digest             BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    jti                TEXT    NOT NULL,
    client_id          TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    scope              TEXT    NOT NULL,
    company_id         TEXT,
    corporation_id     TEXT,
    issued_at          INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX opaque_tokens_by_jti ON opaque_tokens (jti);
CREATE INDEX opaque_tokens_by_end ON opaque_tokens (expires_at);

-- Single tokens that were revoked before they expired.
CREATE TABLE revoked_tokens (
    jti                TEXT    NOT NULL PRIMARY KEY,
    resource_server_id TEXT    NOT NULL,
    client_id          TEXT    NOT NULL,
    expires_at         INTEGER NOT NULL,
    revoked_at         INTEGER NOT NULL
) STRICT;

CREATE INDEX revoked_tokens_by_client ON revoked_tokens (client_id, expires_at);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);

-- What guards must learn: one row for each API that an event concerns, numbered per API after the commit.
CREATE TABLE guard_events (
    id                 INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    seq                INTEGER,
    kind               TEXT    NOT NULL,
    value              TEXT    NOT NULL,
    corporation_id     TEXT,
    client_id          TEXT,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX guard_events_by_seq ON guard_events (resource_server_id, seq);
CREATE INDEX guard_events_unnumbered ON guard_events (id) WHERE seq IS NULL;
CREATE INDEX guard_events_by_api ON guard_events (resource_server_id, id);
CREATE INDEX guard_events_by_client ON guard_events (client_id);
CREATE INDEX guard_events_by_end ON guard_events (kind, expires_at);

-- The number of each API's last event.
CREATE TABLE guard_counters (
    resource_server_id TEXT    NOT NULL PRIMARY KEY REFERENCES resource_servers (id) ON DELETE CASCADE,
    seq                INTEGER NOT NULL
) STRICT;

-- Guards and what they have acknowledged. One whose stream broke off without signing off counts for ten minutes more.
CREATE TABLE guard_streams (
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    guard              TEXT    NOT NULL,
    stream             TEXT    NOT NULL,
    acked              INTEGER NOT NULL,
    opened_at          INTEGER NOT NULL,
    seen_at            INTEGER NOT NULL,
    ended_at           INTEGER,
    PRIMARY KEY (resource_server_id, guard)
) STRICT;

CREATE UNIQUE INDEX guard_streams_by_stream ON guard_streams (stream);
