-- Accounts that their owners have deleted, and may take back until then. See docs/dev/storage-schema.md.

ALTER TABLE users ADD COLUMN delete_at BIGINT;

CREATE INDEX users_by_deletion ON users (delete_at) WHERE delete_at IS NOT NULL;
