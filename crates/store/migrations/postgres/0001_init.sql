-- What has been applied, one row a migration.
CREATE TABLE schema (
    version BIGINT NOT NULL PRIMARY KEY,
    oldest_compatible BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    checksum TEXT COLLATE "C" NOT NULL
);
