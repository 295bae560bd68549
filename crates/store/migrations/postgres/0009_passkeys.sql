-- Passkeys: what people sign in with in the place of a password, or after one. See docs/dev/storage-schema.md.

-- `credential` is what the authenticator said of itself, its public key above all. `credential_id` is how it names the key.
CREATE TABLE passkeys (
    id            TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    credential_id BYTEA    NOT NULL,
    user_id       TEXT COLLATE "C"    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT COLLATE "C"    NOT NULL,
    credential    TEXT COLLATE "C"    NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);

CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential_id);
CREATE INDEX passkeys_by_user ON passkeys (user_id);
