-- The address of an account, and what its owner is told. See docs/dev/storage-schema.md.

-- When what applications may be told of the user last changed: name, claims, address.
ALTER TABLE users ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE users SET updated_at = created_at;

-- Somebody's wish for another address, what came of it, and the way back. Links are kept as digests, each used once.
CREATE TABLE address_changes (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_address  TEXT COLLATE "C" NOT NULL,
    new_address  TEXT COLLATE "C" NOT NULL,
    allow_digest BYTEA CHECK (length(allow_digest) = 32),
    claim_digest BYTEA CHECK (length(claim_digest) = 32),
    undo_digest  BYTEA CHECK (length(undo_digest) = 32),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    allowed_at   BIGINT,
    claimed_at   BIGINT,
    done_at      BIGINT,
    ended_at     BIGINT
);

CREATE UNIQUE INDEX address_changes_by_allow ON address_changes (allow_digest);
CREATE UNIQUE INDEX address_changes_by_claim ON address_changes (claim_digest);
CREATE UNIQUE INDEX address_changes_by_undo ON address_changes (undo_digest);
CREATE INDEX address_changes_by_user ON address_changes (user_id, created_at);
CREATE INDEX address_changes_by_old ON address_changes (old_address) WHERE done_at IS NOT NULL;
CREATE INDEX address_changes_by_end ON address_changes (expires_at);

-- The browsers that a user has signed in with: of a sign-in by another one they are told.
CREATE TABLE known_devices (
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest       BYTEA NOT NULL CHECK (length(digest) = 32),
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, digest)
);

CREATE INDEX known_devices_by_last_use ON known_devices (last_seen_at);
