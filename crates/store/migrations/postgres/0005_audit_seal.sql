-- The seal of the audit trail: a chain of signed checkpoints. See docs/dev/storage-schema.md.

-- The keys that sign checkpoints, kept wrapped.
CREATE TABLE audit_keys (
    kid             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped_private BYTEA NOT NULL,
    data_key_id     TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id),
    created_at      BIGINT NOT NULL
);

-- One link of the chain each: who inserts the next number has made it.
CREATE TABLE audit_checkpoints (
    id            BIGINT NOT NULL PRIMARY KEY,
    sealed_at     BIGINT NOT NULL,
    rows_sealed   TEXT COLLATE "C" NOT NULL,
    through_seq   BIGINT NOT NULL,
    marks         BYTEA NOT NULL,
    rows_hash     BYTEA NOT NULL CHECK (length(rows_hash) = 32),
    previous_hash BYTEA NOT NULL CHECK (length(previous_hash) = 32),
    kid           TEXT COLLATE "C" NOT NULL,
    signature     BYTEA NOT NULL
);

-- How far sealed rows were removed: at most one row.
CREATE TABLE audit_removal (
    id            BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    checkpoint_id BIGINT NOT NULL,
    removed_at    BIGINT NOT NULL,
    kid           TEXT COLLATE "C" NOT NULL,
    signature     BYTEA NOT NULL
);
