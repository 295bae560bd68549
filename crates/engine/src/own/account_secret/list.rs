//! An account secret, as its owner sees it: masked.

use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, LastUse, SecretId, UserId};
use tokenry_protocol::secret::{Brand, SecretKind};

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::settings::Reveal;

/// The account secret of a developer, without its value.
#[derive(Clone, Debug)]
pub struct OwnAccountSecret {
    /// Since when they are a developer.
    pub developer_since: Timestamp,
    /// What its value begins with.
    pub prefix: String,
    /// The one that counts; `None`: it was revoked.
    pub current: Option<OwnSecretValue>,
    /// The one before, while it works.
    pub former: Option<OwnSecretValue>,
}

/// One value, masked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnSecretValue {
    /// Names it.
    pub id: SecretId,
    /// The last four characters.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works; `None`: until it is rotated or revoked.
    pub works_until: Option<Timestamp>,
    /// Whether it can be shown again.
    pub revealable: bool,
    /// When it was last shown.
    pub revealed_at: Option<Timestamp>,
    /// When it was last used, to the minute, and what is known of that.
    pub last_use: Option<LastUse>,
}

impl OwnSecretValue {
    fn new(secret: AccountSecret, reveal: Reveal) -> Self {
        Self {
            revealable: secret.sealed.is_some() && reveal == Reveal::Reauth,
            id: secret.id,
            last4: secret.last4,
            created_at: secret.created_at,
            works_until: secret.expires_at,
            revealed_at: secret.revealed_at,
            last_use: secret.last_use,
        }
    }
}

impl OwnAccountSecret {
    pub(crate) fn new(
        brand: &Brand,
        developer_since: Timestamp,
        secrets: Vec<AccountSecret>,
        (reveal, now): (Reveal, Timestamp),
    ) -> Self {
        let (mut current, mut former) = (None, None);
        for secret in secrets {
            match secret.expires_at {
                _ if secret.superseded_at.is_none() => current = Some(OwnSecretValue::new(secret, reveal)),
                Some(until) if now < until => former = Some(OwnSecretValue::new(secret, reveal)),
                _ => {}
            }
        }
        let prefix = format!("{brand}_{}_", SecretKind::AccountSecret.code());
        Self { developer_since, prefix, current, former }
    }
}

impl Engine {
    /// The account secret of a user; `None`: they are no developer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_secret_of(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<OwnAccountSecret>, Refusal> {
        let Some(since) = self.store.find_developer(user).await? else { return Ok(None) };
        let secrets = self.store.list_account_secrets(user).await?;
        Ok(Some(OwnAccountSecret::new(&self.settings.brand, since, secrets, (self.settings.reveal, now))))
    }
}
