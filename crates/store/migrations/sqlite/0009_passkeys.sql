-- Passkeys: what people sign in with in the place of a password, or after one. See docs/dev/storage-schema.md.

-- `credential` is what the authenticator said of itself, its public key above all. `credential_id` is how it names the key.
CREATE TABLE passkeys (
    id            TEXT    NOT NULL PRIMARY KEY,
    credential_id BLOB    NOT NULL,
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    credential    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential_id);
CREATE INDEX passkeys_by_user ON passkeys (user_id);
