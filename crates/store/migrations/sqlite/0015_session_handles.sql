-- What guards know a session by. See docs/dev/storage-schema.md.

-- One for each API at which a session was used, and company for which. A session that is over has none: its row names no
-- other, because what it ends has to be told to guards before.
CREATE TABLE session_handles (
    handle             TEXT    NOT NULL PRIMARY KEY,
    session_id         TEXT    NOT NULL,
    user_id            TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    resource_server_id TEXT    NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    company_id         TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX session_handles_by_session ON session_handles (session_id, resource_server_id, company_id);
CREATE INDEX session_handles_by_user ON session_handles (user_id, company_id);
CREATE INDEX session_handles_by_api ON session_handles (resource_server_id);
CREATE INDEX session_handles_by_company ON session_handles (company_id);
CREATE INDEX session_handles_by_end ON session_handles (expires_at);
