-- Mint quotas: how many tokens a client may get. See docs/dev/storage-schema.md.

-- A client's own quotas; null: as configured for all, 0: any number.
ALTER TABLE clients ADD COLUMN tokens_per_hour BIGINT;
ALTER TABLE clients ADD COLUMN tokens_per_day BIGINT;

-- What of a client's quota the replicas have taken in one period, which begins at began_at; `block` is what the last took.
CREATE TABLE mint_leases (
    client_id TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    period    TEXT COLLATE "C" NOT NULL,
    began_at  BIGINT NOT NULL,
    leased    BIGINT NOT NULL,
    block     BIGINT NOT NULL,
    PRIMARY KEY (client_id, period)
);
