-- The seal of the audit trail: a chain of signed checkpoints. See docs/dev/storage-schema.md.

-- The keys that sign checkpoints, kept wrapped.
CREATE TABLE audit_keys (
    kid             TEXT    NOT NULL PRIMARY KEY,
    wrapped_private BLOB    NOT NULL,
    data_key_id     TEXT    NOT NULL REFERENCES data_keys (id),
    created_at      INTEGER NOT NULL
) STRICT;

-- One link of the chain each: who inserts the next number has made it.
CREATE TABLE audit_checkpoints (
    id            INTEGER NOT NULL PRIMARY KEY,
    sealed_at     INTEGER NOT NULL,
    rows_sealed   TEXT    NOT NULL,
    through_seq   INTEGER NOT NULL,
    marks         BLOB    NOT NULL,
    rows_hash     BLOB    NOT NULL CHECK (length(rows_hash) = 32),
    previous_hash BLOB    NOT NULL CHECK (length(previous_hash) = 32),
    kid           TEXT    NOT NULL,
    signature     BLOB    NOT NULL
) STRICT;

-- How far sealed rows were removed: at most one row.
CREATE TABLE audit_removal (
    id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    checkpoint_id INTEGER NOT NULL,
    removed_at    INTEGER NOT NULL,
    kid           TEXT    NOT NULL,
    signature     BLOB    NOT NULL
) STRICT;
