//! An account secret that somebody shows: at an API, about which the API asks, or here, to ask about the account's own tokens.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{AccountSecret, Digest, DigestDomain, LastUse, ResourceServer, User};
use tokenry_protocol::introspection::{Active, Credential, Response, UsedBy};
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_store::{PresentedAccountSecret, TokenEnding};

use super::{FROM_BROWSER, UNKNOWN};
use crate::context::Context;
use crate::engine::Engine;
use crate::introspect::challenged;
use crate::limits::Party;
use crate::own::active::OwnActive;
use crate::own::live::{LiveRights, OwnCredential};
use crate::own::present::usable;
use crate::policy::may_act::TokenStanding;
use crate::refusal::Refusal;

/// For how long an answer about a secret may be relied on that does not end by itself: `exp` has to say something.
const ANSWER_LIFE: Duration = Duration::from_secs(3_600);

/// Proof that a developer's program authenticated by the secret of the account.
#[derive(Debug)]
pub(crate) struct AuthenticatedAccount {
    user: User,
}

impl AuthenticatedAccount {
    pub(crate) const fn user(&self) -> &User {
        &self.user
    }
}

impl Engine {
    /// What it opens at `api` now. Whatever is wrong with it has one answer.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_at_account_secret(
        &self,
        presented: &Secret,
        used_by: &UsedBy,
        api: &ResourceServer,
        now: Timestamp,
    ) -> Result<Response, Refusal> {
        let Some(PresentedAccountSecret { secret, user }) = self.find_account_secret(presented).await? else {
            return Ok(Response::Inactive);
        };
        match self.live_rights(credential(&user, &secret, now), api, now).await? {
            Err(barred) => {
                tracing::debug!(jti = secret.jti, reason = barred.reason(), "an account secret is dead");
                Ok(Response::Inactive)
            }
            Ok(rights) => {
                self.note_account_secret(&secret, || usable(used_by, now), now);
                Ok(Response::Active(Box::new(self.describe_account_secret(secret, &user, rights, api, now))))
            }
        }
    }

    /// Whose account it is the secret of, where that user may act and no browser sent it (R105). Refusals are counted by the
    /// address alone: a secret names nobody.
    ///
    /// # Errors
    /// When it proves nobody to be anybody, too many were refused to that address, or the database fails.
    pub(crate) async fn authenticate_account(
        &self,
        presented: &Secret,
        context: &Context,
    ) -> Result<AuthenticatedAccount, Refusal> {
        let reason = match self.check_account_secret(presented, context).await? {
            Ok(account) => return Ok(account),
            Err(reason) => reason,
        };
        let party = Party::new(None, context.address);
        let refusal = match self.limits.fail(&party, context.now) {
            Ok(()) => challenged(Refusal::invalid_client(reason)),
            Err(limited) => limited,
        };
        self.refusals.note(refusal.reason, None, context);
        Err(refusal)
    }

    async fn check_account_secret(
        &self,
        presented: &Secret,
        context: &Context,
    ) -> Result<Result<AuthenticatedAccount, &'static str>, Refusal> {
        if context.from_browser {
            return Ok(Err(FROM_BROWSER));
        }
        let Some(PresentedAccountSecret { secret, user }) = self.find_account_secret(presented).await? else {
            return Ok(Err(UNKNOWN));
        };
        if let Err(barred) = self.acts_for(credential(&user, &secret, context.now), context.now).await? {
            return Ok(Err(barred.reason()));
        }
        let how = || LastUse {
            at: context.now,
            address: context.address.map(|address| address.to_canonical().to_string()),
            // It came from no browser, and of programs nothing is read here.
            client: None,
        };
        self.note_account_secret(&secret, how, context.now);
        Ok(Ok(AuthenticatedAccount { user }))
    }

    /// Whether a value is one that works, for doors that do not take it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn is_working_account_secret(
        &self,
        presented: &Secret,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let Some(PresentedAccountSecret { secret, user }) = self.find_account_secret(presented).await? else {
            return Ok(false);
        };
        Ok(self.acts_for(credential(&user, &secret, now), now).await?.is_ok())
    }

    /// By the digest of all of it (A17). What is none by its characters is not looked for.
    async fn find_account_secret(
        &self,
        presented: &Secret,
    ) -> Result<Option<PresentedAccountSecret>, Refusal> {
        if shape(&self.settings.brand, presented.expose()) != Shape::Branded(SecretKind::AccountSecret) {
            return Ok(None);
        }
        let digest = Digest::of(DigestDomain::AccountSecret, presented);
        Ok(self.store.find_account_secret(&digest).await?)
    }

    fn note_account_secret(&self, secret: &AccountSecret, how: impl FnOnce() -> LastUse, now: Timestamp) {
        let written = secret.last_use.as_ref().map(|last| last.at);
        self.account_secret_usage.note_with(&secret.jti, how, written, now);
    }

    fn describe_account_secret(
        &self,
        secret: AccountSecret,
        user: &User,
        rights: LiveRights,
        api: &ResourceServer,
        now: Timestamp,
    ) -> Active {
        self.own_active(OwnActive {
            credential: Credential::AccountSecret,
            user,
            token: standing(&secret, now),
            jti: secret.jti,
            aud: vec![api.audience.clone()],
            scope: rights.scope,
            tenant: rights.tenant,
        })
    }
}

fn standing(secret: &AccountSecret, now: Timestamp) -> TokenStanding {
    TokenStanding {
        issued_at: secret.created_at,
        expires_at: secret.expires_at.unwrap_or_else(|| now.plus(ANSWER_LIFE)),
        ending: TokenEnding::None,
    }
}

/// Everywhere, for the only company that there is: it names neither.
fn credential<'a>(user: &'a User, secret: &AccountSecret, now: Timestamp) -> OwnCredential<'a> {
    OwnCredential { user, company: None, narrowed_to: None, token: standing(secret, now) }
}
