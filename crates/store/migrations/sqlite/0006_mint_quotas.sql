-- Mint quotas: how many tokens a client may get. See docs/dev/storage-schema.md.

-- A client's own quotas; null: as configured for all, 0: any number.
ALTER TABLE clients ADD COLUMN tokens_per_hour INTEGER;
ALTER TABLE clients ADD COLUMN tokens_per_day INTEGER;

-- What of a client's quota the replicas have taken in one period, which begins at began_at; `block` is what the last took.
CREATE TABLE mint_leases (
    client_id TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    period    TEXT    NOT NULL,
    began_at  INTEGER NOT NULL,
    leased    INTEGER NOT NULL,
    block     INTEGER NOT NULL,
    PRIMARY KEY (client_id, period)
) STRICT;
