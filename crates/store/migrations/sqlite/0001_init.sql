-- What has been applied, one row a migration.
CREATE TABLE schema (
    version INTEGER NOT NULL PRIMARY KEY,
    oldest_compatible INTEGER NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
) STRICT;
