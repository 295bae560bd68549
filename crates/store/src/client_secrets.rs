//! Clients' secrets: digests only, several working at a time, so that they can be rotated with overlap.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, ClientSecret, Digest, Record, SecretId, SecretVerifier};

use crate::change_log::{self, Entity};
use crate::clients::BUMP_CLIENT;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::resource_server_secrets::TOUCH_RESOURCE_SERVER_SECRET;
use crate::store::{insert, update};
use crate::token_handles::{Owner, end_handles};
use crate::{Store, audit, params, statements};

/// How many secrets of one client, or of one API, may work at a time.
pub const MAX_WORKING_SECRETS: i64 = 50;
/// How many last uses one transaction notes, so that none keeps the writer for long.
const TOUCH_BATCH: usize = 250;

macro_rules! columns {
    () => {
        "id, client_id, digest, argon2id, label, last4, created_at, expires_at, revoked_at, last_used_at"
    };
}

statements! {
    pub(crate) LIST_CLIENT_SECRETS =
        concat!("SELECT ", columns!(), " FROM client_secrets WHERE client_id = $1 ORDER BY created_at, id");
    pub(crate) FIND_CLIENT_SECRET =
        concat!("SELECT ", columns!(), " FROM client_secrets WHERE digest = $1");
    pub(crate) COUNT_WORKING_SECRETS =
        "SELECT COUNT(*) FROM client_secrets \
         WHERE client_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    pub(crate) LIMIT_OTHER_SECRETS =
        "UPDATE client_secrets SET expires_at = $2 \
         WHERE client_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    pub(crate) INSERT_CLIENT_SECRET = concat!(
        "INSERT INTO client_secrets (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT DO NOTHING"
    );
    pub(crate) FIND_REVOCATION = "SELECT revoked_at FROM client_secrets WHERE id = $1 AND client_id = $2";
    pub(crate) REVOKE_CLIENT_SECRET = "UPDATE client_secrets SET revoked_at = $2 WHERE id = $1";
    pub(crate) TOUCH_CLIENT_SECRET =
        "UPDATE client_secrets SET last_used_at = $2 \
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
}

/// What became of a secret that was to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RevokeSecret {
    /// It had been revoked before.
    AlreadyRevoked,
    /// The client has no such secret.
    NotFound,
    /// It works no more.
    Revoked {
        /// What guards must learn of it.
        announced: Announced,
    },
}

impl Store {
    /// All of a client's secrets, oldest first, also those that work no more.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_client_secrets(&self, client_id: &ClientId) -> Result<Vec<ClientSecret>> {
        let rows = self.db.rows(LIST_CLIENT_SECRETS, &params![client_id.as_str()]).await?;
        rows.iter().map(|row| read_secret(&mut Reader::new(row, "client_secrets"))).collect()
    }

    /// The secret of that digest, whosever it is, also one that works no more. One that is kept as a slow hash is found by its
    /// client alone.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_client_secret(&self, digest: &Digest) -> Result<Option<ClientSecret>> {
        let row = self.db.opt(FIND_CLIENT_SECRET, &params![digest.as_bytes().as_slice()]).await?;
        row.as_ref().map(|row| read_secret(&mut Reader::new(row, "client_secrets"))).transpose()
    }

    /// Adds a secret. With `overlap_until`, the client's other working secrets end then, unless they end before.
    ///
    /// # Errors
    /// When there is no such client; when the id or the secret is taken; when [`MAX_WORKING_SECRETS`] others work at
    /// `secret.created_at`; or when the database does not answer.
    pub async fn add_client_secret(
        &self,
        secret: &ClientSecret,
        overlap_until: Option<Timestamp>,
        records: &[Record],
    ) -> Result<()> {
        self.change(
            (secret.clone(), overlap_until, records.to_vec()),
            |tx, (secret, overlap_until, records)| {
                Box::pin(async move {
                    let client = secret.client_id.as_str();
                    update(tx, BUMP_CLIENT, &params![client], Entity::Client).await?;
                    if let Some(end) = overlap_until {
                        tx.exec(LIMIT_OTHER_SECRETS, &params![client, *end]).await?;
                    }
                    let working = tx.opt(COUNT_WORKING_SECRETS, &params![client, secret.created_at]).await?;
                    if working.map_or(Ok(0), |row| row.int(0))? >= MAX_WORKING_SECRETS {
                        return Err(Error::TooManySecrets { limit: MAX_WORKING_SECRETS });
                    }
                    insert_secret(tx, secret).await?;
                    change_log::append(tx, Entity::Client, client, secret.created_at).await?;
                    audit::append(tx, records).await
                })
            },
        )
        .await
    }

    /// Revokes one of a client's secrets, the handles of the tokens that it was used for with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_client_secret(
        &self,
        client_id: &ClientId,
        id: &SecretId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<RevokeSecret> {
        let input = (client_id.clone(), id.clone(), now, records.to_vec());
        self.change(input, |tx, (client_id, id, now, records)| {
            Box::pin(async move {
                let revoked = end_secret(tx, client_id.as_str(), id.as_str(), *now).await?;
                if let RevokeSecret::Revoked { .. } = revoked {
                    audit::append(tx, records).await?;
                }
                Ok(revoked)
            })
        })
        .await
    }

    /// Notes when secrets of clients and APIs were last used. It changes nothing that a decision rests on, so neither
    /// versions nor the change log; ids that are gone are passed over.
    ///
    /// # Errors
    /// When the database does not answer; some may have been noted.
    pub async fn touch_secrets(&self, mut uses: Vec<(SecretId, Timestamp)>) -> Result<()> {
        // In one order everywhere, so that two replicas never wait for each other.
        uses.sort_unstable();
        for batch in uses.chunks(TOUCH_BATCH) {
            self.change(batch.to_vec(), |tx, batch| Box::pin(async move { touch(tx, batch).await })).await?;
        }
        Ok(())
    }
}

/// The one place that revokes a client's secret, with the handles of the tokens that it was used for. It is not recorded.
pub(crate) async fn end_secret(
    tx: &mut Tx<'_>,
    client: &str,
    id: &str,
    now: Timestamp,
) -> Result<RevokeSecret> {
    let Some(row) = tx.opt(FIND_REVOCATION, &params![id, client]).await? else {
        return Ok(RevokeSecret::NotFound);
    };
    if row.opt_int(0)?.is_some() {
        return Ok(RevokeSecret::AlreadyRevoked);
    }
    tx.exec(REVOKE_CLIENT_SECRET, &params![id, now]).await?;
    let announced = end_handles(tx, Owner::Secret(id), now).await?;
    update(tx, BUMP_CLIENT, &params![client], Entity::Client).await?;
    change_log::append(tx, Entity::Client, client, now).await?;
    Ok(RevokeSecret::Revoked { announced })
}

/// Inserts a secret in the transaction that makes or changes its client.
pub(crate) async fn insert_secret(tx: &mut Tx<'_>, secret: &ClientSecret) -> Result<()> {
    let (digest, argon2id) = match &secret.verifier {
        SecretVerifier::Argon2id(hash) => (None, Some(hash.as_str())),
        SecretVerifier::Digest(digest) => (Some(digest.as_bytes()), None),
    };
    let values = params![
        secret.id.as_str(),
        secret.client_id.as_str(),
        digest,
        argon2id,
        secret.label.as_str(),
        secret.last4.as_str(),
        secret.created_at,
        secret.expires_at,
        secret.revoked_at,
        secret.last_used_at,
    ];
    insert(tx, INSERT_CLIENT_SECRET, &values, Entity::ClientSecret).await
}

async fn touch(tx: &mut Tx<'_>, uses: &[(SecretId, Timestamp)]) -> Result<()> {
    for (id, at) in uses {
        let values = params![id.as_str(), *at];
        if tx.exec(TOUCH_CLIENT_SECRET, &values).await? == 0 {
            tx.exec(TOUCH_RESOURCE_SERVER_SECRET, &values).await?;
        }
    }
    Ok(())
}

/// Reads a secret's columns, in their order.
pub(crate) fn read_secret(read: &mut Reader<'_>) -> Result<ClientSecret> {
    Ok(ClientSecret {
        id: read.parse("id", SecretId::parse)?,
        client_id: read.parse("client_id", ClientId::parse)?,
        verifier: verifier(read)?,
        label: read.string("label")?,
        last4: read.string("last4")?,
        created_at: read.at("created_at")?,
        expires_at: read.opt_at("expires_at")?,
        revoked_at: read.opt_at("revoked_at")?,
        last_used_at: read.opt_at("last_used_at")?,
    })
}

fn verifier(read: &mut Reader<'_>) -> Result<SecretVerifier> {
    let digest: Option<Digest> = read.opt_digest("digest")?;
    match (digest, read.opt_string("argon2id")?) {
        (Some(digest), None) => Ok(SecretVerifier::Digest(digest)),
        (None, Some(hash)) => Ok(SecretVerifier::Argon2id(hash)),
        (Some(_), Some(_)) => Err(read.corrupt("argon2id", "a secret is kept in one form, not in two")),
        (None, None) => Err(read.corrupt("argon2id", "a secret that nothing is kept of")),
    }
}
