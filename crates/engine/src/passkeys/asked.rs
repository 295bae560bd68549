//! What was asked of a passkey, on its way through a page: sealed for one browser or session, and answered once.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::random_base62;
use tokenry_store::PendingRequest;

use super::rp::{Ceremony, Unproven};
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::{Purpose, unsealable};
use crate::sign_in::HalfProven;

/// For how long it can be answered. Browsers offer passkeys for as long as the page lies open.
const ASKED_TTL: Duration = Duration::from_secs(3_600);
/// 22 characters of base62 are 131 bits.
const ID_LEN: usize = 22;

/// What a page needs to ask for a passkey.
pub struct PasskeyPrompt {
    /// What the page's script asks the browser: the members of `publicKey`, as JSON (W3C Web Authentication §5.1.8).
    pub options: String,
    /// What its form sends back with the answer.
    pub sealed: String,
}

impl fmt::Debug for PasskeyPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyPrompt(…)")
    }
}

/// What was asked.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Asked<S> {
    id: String,
    ends_at: i64,
    /// The browser or session that was asked.
    whom: String,
    pub(super) state: S,
}

impl<S> Asked<S> {
    /// It, as the store notes that it was answered.
    pub(super) fn pending(&self) -> PendingRequest {
        PendingRequest { id: format!("passkey {}", self.id), ends_at: Timestamp::from_millis(self.ends_at) }
    }
}

/// Proof that this browser was asked for a passkey, for a sign-in. Made here only.
#[derive(Debug)]
pub struct PasskeyChallenge(Asked<Ceremony>);

impl PasskeyChallenge {
    pub(crate) fn into_parts(self) -> (PendingRequest, Ceremony) {
        (self.0.pending(), self.0.state)
    }
}

impl Engine {
    /// Whether people can sign in by passkeys: not where the issuer is called by an address.
    #[must_use]
    pub const fn offers_passkeys(&self) -> bool {
        self.passkeys.is_some()
    }

    /// Asks a browser for a passkey, whosever. `None`: there are none here.
    ///
    /// # Errors
    /// When no key seals.
    pub fn ask_for_passkey(
        &self,
        browser: &str,
        context: &Context,
    ) -> Result<Option<PasskeyPrompt>, Refusal> {
        let Some(rp) = &self.passkeys else { return Ok(None) };
        let asked = rp.ask(&[]).map_err(unaskable)?;
        self.prompt(Purpose::PasskeyChallenge, asked, browser, context).map(Some)
    }

    /// Asks a browser for a passkey of somebody whose password was right. `None` where they have none.
    ///
    /// # Errors
    /// When no key seals, or the database fails.
    pub async fn ask_for_passkey_of(
        &self,
        half: &HalfProven,
        browser: &str,
        context: &Context,
    ) -> Result<Option<PasskeyPrompt>, Refusal> {
        let Some(rp) = &self.passkeys else { return Ok(None) };
        let own = self.store.list_passkeys(half.user_id()).await?;
        if own.is_empty() {
            return Ok(None);
        }
        let asked = rp.ask(&own).map_err(unaskable)?;
        self.prompt(Purpose::PasskeyChallenge, asked, browser, context).map(Some)
    }

    /// What this browser was asked; `None` where another was, it was changed, or that was too long ago.
    #[must_use]
    pub fn open_passkey_challenge(
        &self,
        sealed: &str,
        browser: &str,
        context: &Context,
    ) -> Option<PasskeyChallenge> {
        self.open_asked(Purpose::PasskeyChallenge, sealed, browser, context).map(PasskeyChallenge)
    }

    pub(super) fn prompt(
        &self,
        purpose: Purpose,
        (options, state): (String, impl Serialize),
        whom: &str,
        context: &Context,
    ) -> Result<PasskeyPrompt, Refusal> {
        let end = context.now.plus(ASKED_TTL);
        let id = random_base62(&*self.rng, ID_LEN);
        let asked = Asked { id, ends_at: end.as_millis(), whom: whom.to_owned(), state };
        let sealed = self.seal(purpose, &asked, end, context.now).map_err(unsealable)?;
        Ok(PasskeyPrompt { options, sealed })
    }

    pub(super) fn open_asked<S: DeserializeOwned>(
        &self,
        purpose: Purpose,
        sealed: &str,
        whom: &str,
        context: &Context,
    ) -> Option<Asked<S>> {
        let asked: Asked<S> = self.unseal(purpose, sealed, context.now)?;
        (asked.whom == whom).then_some(asked)
    }
}

/// The library cannot ask, which it always can.
pub(super) fn unaskable(unproven: Unproven) -> Refusal {
    tracing::error!(error = &unproven as &dyn std::error::Error, "no passkey can be asked for");
    Refusal::unavailable("no_passkey_challenge")
}
