-- Credentials of users' own: personal access tokens. See docs/dev/storage-schema.md.

-- A token without its value. Where `all_apis` is 0 it is for those of `pat_apis` alone, of which there may be none left.
CREATE TABLE pats (
    id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id           TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company_id        TEXT COLLATE "C" REFERENCES companies (id) ON DELETE CASCADE,
    name              TEXT COLLATE "C" NOT NULL,
    note              TEXT COLLATE "C" NOT NULL,
    all_apis          BIGINT NOT NULL,
    allowed_addresses TEXT COLLATE "C" NOT NULL,
    value_ttl         BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    ends_at           BIGINT NOT NULL,
    revoked_at        BIGINT
);

CREATE INDEX pats_by_user ON pats (user_id, id);
CREATE INDEX pats_by_company ON pats (company_id);
CREATE INDEX pats_by_end ON pats (ends_at);

-- The APIs that a token names. Without a scope it is for all that its user may do there.
CREATE TABLE pat_apis (
    pat_id             TEXT COLLATE "C" NOT NULL REFERENCES pats (id) ON DELETE CASCADE,
    resource_server_id TEXT COLLATE "C" NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    scope              TEXT COLLATE "C",
    PRIMARY KEY (pat_id, resource_server_id)
);

CREATE INDEX pat_apis_by_api ON pat_apis (resource_server_id);

-- What is presented, as digests: one that counts, and beside it at most one that another has taken the place of.
CREATE TABLE pat_values (
    digest            BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    pat_id            TEXT COLLATE "C" NOT NULL REFERENCES pats (id) ON DELETE CASCADE,
    jti               TEXT COLLATE "C" NOT NULL,
    last4             TEXT COLLATE "C" NOT NULL,
    created_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,
    superseded_at     BIGINT,
    warned_days       BIGINT,
    last_used_at      BIGINT,
    last_used_address TEXT COLLATE "C",
    last_used_client  TEXT COLLATE "C"
);

CREATE UNIQUE INDEX pat_values_by_jti ON pat_values (jti);
CREATE INDEX pat_values_by_pat ON pat_values (pat_id);
CREATE UNIQUE INDEX pat_values_that_count ON pat_values (pat_id) WHERE superseded_at IS NULL;
CREATE INDEX pat_values_by_end ON pat_values (expires_at);
