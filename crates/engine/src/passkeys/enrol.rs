//! A person's passkeys: added by whoever is signed in and has just shown that it is them, listed, and removed.

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, UserId, uuid_v7};
use tokenry_store::{AddPasskey, Error as StoreError, PasskeyRow};

use super::asked::{PasskeyPrompt, unaskable};
use super::rp::Unproven;
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::manage::misleads;
use crate::refusal::Refusal;
use crate::session::{FreshUser, Purpose};
use crate::sign_in::RecoveryCodes;

/// The longest name of a passkey, in characters.
pub const MAX_PASSKEY_NAME: usize = 60;
/// How many a user may have: more than anybody carries, and few enough to be shown.
const MOST: i64 = 20;

/// A passkey of somebody's, as they know it.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Names it in forms.
    pub id: String,
    /// What they call it.
    pub name: String,
    /// When they added it.
    pub created_at: Timestamp,
    /// When somebody last signed in by it.
    pub last_used_at: Option<Timestamp>,
}

impl From<PasskeyRow> for Passkey {
    fn from(PasskeyRow { id, name, created_at, last_used_at, .. }: PasskeyRow) -> Self {
        Self { id, name, created_at, last_used_at }
    }
}

/// A passkey was not added or removed.
#[derive(Debug, Error)]
pub enum PasskeyError {
    /// It is there already.
    #[error("this passkey is there already")]
    Known,
    /// The name cannot be taken.
    #[error("a passkey is called by something to see, on one line, of at most {MAX_PASSKEY_NAME} characters")]
    Name,
    /// There is no such passkey, or there are no passkeys here.
    #[error("there is no such passkey")]
    None,
    /// The user was changed meanwhile.
    #[error("the account was changed meanwhile")]
    Overtaken,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// It was asked for too long ago, in another session, or has been answered.
    #[error("that was asked too long ago, or was answered before")]
    TooLate,
    /// The user has as many as there may be.
    #[error("there are {MOST} passkeys already")]
    TooMany,
    /// What the browser says proves no key.
    #[error("the browser has not made a passkey")]
    Unproven,
}

impl From<Unproven> for PasskeyError {
    fn from(unproven: Unproven) -> Self {
        tracing::info!(reason = unproven.reason(), "a passkey was not added");
        Self::Unproven
    }
}

impl Engine {
    /// A user's passkeys, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn passkeys_of(&self, user: &UserId) -> Result<Vec<Passkey>, Refusal> {
        Ok(self.store.list_passkeys(user).await?.into_iter().map(Passkey::from).collect())
    }

    /// Asks the browser of somebody who is signed in for another passkey. `None`: there are none here.
    ///
    /// # Errors
    /// When no key seals, or the database fails.
    pub async fn propose_passkey(
        &self,
        current: &FreshUser,
        context: &Context,
    ) -> Result<Option<PasskeyPrompt>, Refusal> {
        let Some(rp) = &self.passkeys else { return Ok(None) };
        let own = self.store.list_passkeys(&current.user().id).await?;
        let asked = rp.propose(current.user(), &own).map_err(unaskable)?;
        let session = current.session().id.as_str();
        self.prompt(Purpose::PasskeyEnrolment, asked, session, context).map(Some)
    }

    /// Adds the passkey that a browser has made. Whoever has no second factor yet gets recovery codes with it, to be shown
    /// once.
    ///
    /// # Errors
    /// When the name cannot be taken, the answer proves no key, was given before or in another session, the passkey is there
    /// already, or the database fails.
    pub async fn add_passkey(
        &self,
        current: &FreshUser,
        name: &str,
        (sealed, answer): (&str, &str),
        context: &Context,
    ) -> Result<Option<RecoveryCodes>, PasskeyError> {
        let rp = self.passkeys.as_ref().ok_or(PasskeyError::None)?;
        let name = fit(name).ok_or(PasskeyError::Name)?;
        let session = current.session().id.as_str();
        let asked = self.open_asked(Purpose::PasskeyEnrolment, sealed, session, context);
        let asked = asked.ok_or(PasskeyError::TooLate)?;
        let key = rp.admit(answer, &asked.state)?;
        let user = current.user();
        let passkey = PasskeyRow {
            id: uuid_v7(context.now, &*self.rng).to_string(),
            credential_id: key.credential_id,
            user_id: user.id.clone(),
            name,
            credential: key.credential,
            created_at: context.now,
            last_used_at: None,
        };
        let codes = RecoveryCodes::generate(&*self.rng);
        let (event, about) = (Event::UserPasskeyAdded, About::PasskeyAdded);
        let change = self.own_change((&user.id, user.version), event, about, context);
        let added =
            self.store.add_passkey(change, &asked.pending(), &passkey, &codes.digests(), MOST).await?;
        self.wake_sender();
        match added {
            AddPasskey::Added { first } => Ok(first.then_some(codes)),
            AddPasskey::Overtaken => Err(PasskeyError::Overtaken),
            AddPasskey::Replayed => Err(PasskeyError::TooLate),
            AddPasskey::Taken => Err(PasskeyError::Known),
            AddPasskey::TooMany => Err(PasskeyError::TooMany),
        }
    }

    /// Removes a passkey of a user, and with the last second factor the recovery codes.
    ///
    /// # Errors
    /// When the user has no such passkey, was changed meanwhile, or the database fails.
    pub async fn remove_passkey(
        &self,
        current: &FreshUser,
        id: &str,
        context: &Context,
    ) -> Result<(), PasskeyError> {
        let user = current.user();
        let (event, about) = (Event::UserPasskeyRemoved, About::PasskeyRemoved);
        let change = self.own_change((&user.id, user.version), event, about, context);
        let removed = self.store.remove_passkey(change, id).await?;
        self.wake_sender();
        if removed { Ok(()) } else { Err(PasskeyError::None) }
    }
}

/// The name, if it is one.
fn fit(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= MAX_PASSKEY_NAME && !name.chars().any(misleads);
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_is_called_by_what_can_be_seen() {
        assert_eq!(fit("  Ann's phone ").as_deref(), Some("Ann's phone"));
        assert_eq!(fit(&"ü".repeat(MAX_PASSKEY_NAME)).map(|it| it.chars().count()), Some(MAX_PASSKEY_NAME));
        for none in ["", "   ", "a\nb", "a\u{202e}b", &"a".repeat(MAX_PASSKEY_NAME + 1)] {
            assert_eq!(fit(none), None, "{none:?}");
        }
    }
}
