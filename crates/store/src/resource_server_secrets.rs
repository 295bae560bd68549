//! Resource servers' own secrets: what an API itself calls Tokenry with.

use tokenry_clock::Timestamp;
use tokenry_model::{Digest, Record, ResourceServerId, ResourceServerSecret, SecretId};

use crate::change_log::{self, Entity};
use crate::client_secrets::{MAX_WORKING_SECRETS, RevokeSecret};
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::resource_servers::BUMP_RESOURCE_SERVER;
use crate::store::{insert, update};
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "id, resource_server_id, digest, label, last4, created_at, expires_at, revoked_at, last_used_at"
    };
}

statements! {
    pub(crate) LIST_RESOURCE_SERVER_SECRETS = concat!(
        "SELECT ", columns!(), " FROM resource_server_secrets WHERE resource_server_id = $1 ORDER BY created_at, id"
    );
    pub(crate) FIND_RESOURCE_SERVER_SECRET =
        concat!("SELECT ", columns!(), " FROM resource_server_secrets WHERE digest = $1");
    pub(crate) COUNT_WORKING_RESOURCE_SERVER_SECRETS =
        "SELECT COUNT(*) FROM resource_server_secrets \
         WHERE resource_server_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    pub(crate) LIMIT_OTHER_RESOURCE_SERVER_SECRETS =
        "UPDATE resource_server_secrets SET expires_at = $2 \
         WHERE resource_server_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    pub(crate) INSERT_RESOURCE_SERVER_SECRET = concat!(
        "INSERT INTO resource_server_secrets (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT DO NOTHING"
    );
    pub(crate) FIND_RESOURCE_SERVER_SECRET_REVOCATION =
        "SELECT revoked_at FROM resource_server_secrets WHERE id = $1 AND resource_server_id = $2";
    pub(crate) REVOKE_RESOURCE_SERVER_SECRET =
        "UPDATE resource_server_secrets SET revoked_at = $2 WHERE id = $1";
    pub(crate) TOUCH_RESOURCE_SERVER_SECRET =
        "UPDATE resource_server_secrets SET last_used_at = $2 \
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
}

impl Store {
    /// All of an API's own secrets, oldest first, also those that work no more.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_resource_server_secrets(
        &self,
        id: &ResourceServerId,
    ) -> Result<Vec<ResourceServerSecret>> {
        let rows = self.db.rows(LIST_RESOURCE_SERVER_SECRETS, &params![id.as_str()]).await?;
        rows.iter().map(secret).collect()
    }

    /// The secret of that digest, whichever API's it is, also one that works no more.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_resource_server_secret(&self, digest: &Digest) -> Result<Option<ResourceServerSecret>> {
        let values = params![digest.as_bytes().as_slice()];
        self.db.opt(FIND_RESOURCE_SERVER_SECRET, &values).await?.as_ref().map(secret).transpose()
    }

    /// Adds a secret. With `overlap_until`, the API's other working secrets end then, unless they end before.
    ///
    /// # Errors
    /// When there is no such API; when the id or the secret is taken; when [`MAX_WORKING_SECRETS`] others work at
    /// `secret.created_at`; or when the database does not answer.
    pub async fn add_resource_server_secret(
        &self,
        secret: &ResourceServerSecret,
        overlap_until: Option<Timestamp>,
        records: &[Record],
    ) -> Result<()> {
        self.change(
            (secret.clone(), overlap_until, records.to_vec()),
            |tx, (secret, overlap_until, records)| {
                Box::pin(async move {
                    let owner = secret.resource_server_id.as_str();
                    update(tx, BUMP_RESOURCE_SERVER, &params![owner], Entity::ResourceServer).await?;
                    if let Some(end) = overlap_until {
                        tx.exec(LIMIT_OTHER_RESOURCE_SERVER_SECRETS, &params![owner, *end]).await?;
                    }
                    let values = params![owner, secret.created_at];
                    let working = tx.opt(COUNT_WORKING_RESOURCE_SERVER_SECRETS, &values).await?;
                    if working.map_or(Ok(0), |row| row.int(0))? >= MAX_WORKING_SECRETS {
                        return Err(Error::TooManySecrets { limit: MAX_WORKING_SECRETS });
                    }
                    insert_secret(tx, secret).await?;
                    change_log::append(tx, Entity::ResourceServer, owner, secret.created_at).await?;
                    audit::append(tx, records).await
                })
            },
        )
        .await
    }

    /// Revokes one of an API's own secrets.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_resource_server_secret(
        &self,
        owner: &ResourceServerId,
        id: &SecretId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<RevokeSecret> {
        let input = (owner.clone(), id.clone(), now, records.to_vec());
        self.change(input, |tx, (owner, id, now, records)| {
            Box::pin(async move {
                let revoked = end_api_secret(tx, owner.as_str(), id.as_str(), *now).await?;
                if let RevokeSecret::Revoked { .. } = revoked {
                    audit::append(tx, records).await?;
                }
                Ok(revoked)
            })
        })
        .await
    }
}

/// The one place that revokes an API's own secret. It is not recorded.
pub(crate) async fn end_api_secret(
    tx: &mut Tx<'_>,
    owner: &str,
    id: &str,
    now: Timestamp,
) -> Result<RevokeSecret> {
    let Some(row) = tx.opt(FIND_RESOURCE_SERVER_SECRET_REVOCATION, &params![id, owner]).await? else {
        return Ok(RevokeSecret::NotFound);
    };
    if row.opt_int(0)?.is_some() {
        return Ok(RevokeSecret::AlreadyRevoked);
    }
    tx.exec(REVOKE_RESOURCE_SERVER_SECRET, &params![id, now]).await?;
    update(tx, BUMP_RESOURCE_SERVER, &params![owner], Entity::ResourceServer).await?;
    change_log::append(tx, Entity::ResourceServer, owner, now).await?;
    // Tokens do not hang on it, so guards have nothing to learn.
    Ok(RevokeSecret::Revoked { announced: Announced::default() })
}

/// Inserts a secret in the transaction that makes or changes its API.
pub(crate) async fn insert_secret(tx: &mut Tx<'_>, secret: &ResourceServerSecret) -> Result<()> {
    let values = params![
        secret.id.as_str(),
        secret.resource_server_id.as_str(),
        secret.digest.as_bytes(),
        secret.label.as_str(),
        secret.last4.as_str(),
        secret.created_at,
        secret.expires_at,
        secret.revoked_at,
        secret.last_used_at,
    ];
    insert(tx, INSERT_RESOURCE_SERVER_SECRET, &values, Entity::ResourceServerSecret).await
}

fn secret(row: &Row) -> Result<ResourceServerSecret> {
    read_api_secret(&mut Reader::new(row, "resource_server_secrets"))
}

pub(crate) fn read_api_secret(read: &mut Reader<'_>) -> Result<ResourceServerSecret> {
    Ok(ResourceServerSecret {
        id: read.parse("id", SecretId::parse)?,
        resource_server_id: read.parse("resource_server_id", ResourceServerId::parse)?,
        digest: read.digest("digest")?,
        label: read.string("label")?,
        last4: read.string("last4")?,
        created_at: read.at("created_at")?,
        expires_at: read.opt_at("expires_at")?,
        revoked_at: read.opt_at("revoked_at")?,
        last_used_at: read.opt_at("last_used_at")?,
    })
}
