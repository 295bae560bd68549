-- Developers, and the secrets of their accounts. See docs/dev/storage-schema.md.

-- Since when the user is a developer; without it they are none.
ALTER TABLE users ADD COLUMN developer_at INTEGER;

-- What is presented under the scheme Secret: one that counts, and beside it at most one that another has taken the place of.
CREATE TABLE account_secrets (
    id                TEXT    NOT NULL PRIMARY KEY,
    user_id           TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest            BLOB    NOT NULL CHECK (length(digest) = 32),
    wrapped           BLOB,
    data_key_id       TEXT REFERENCES data_keys (id) ON DELETE RESTRICT,
    jti               TEXT    NOT NULL,
    last4             TEXT    NOT NULL,
    created_at        INTEGER NOT NULL,
    superseded_at     INTEGER,
    expires_at        INTEGER,
    revealed_at       INTEGER,
    last_used_at      INTEGER,
    last_used_address TEXT,
    last_used_client  TEXT
) STRICT;

CREATE UNIQUE INDEX account_secrets_by_digest ON account_secrets (digest);
CREATE UNIQUE INDEX account_secrets_by_jti ON account_secrets (jti);
CREATE INDEX account_secrets_by_user ON account_secrets (user_id);
CREATE UNIQUE INDEX account_secrets_that_count ON account_secrets (user_id) WHERE superseded_at IS NULL;
CREATE INDEX account_secrets_by_end ON account_secrets (expires_at);
