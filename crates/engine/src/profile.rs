//! What people say of themselves (OpenID Connect Core §5.1). Applications are told of it with the scopes that it belongs to.
//!
//! Nobody vouches for it: whoever changes a telephone number takes from it what an operator had found out (LOG-13). Nobody
//! says for themselves what only an operator knows: the address, and what of the two is verified.

use serde_json::{Map, Value};
use thiserror::Error;
use tokenry_model::{Actor, Event, Subject, User};
use tokenry_store::{Error as StoreError, ProfileChange};
use url::Url;

use crate::context::Context;
use crate::engine::Engine;
use crate::manage::{MAX_NAME, check_user_claims, composed, misleads};

/// The longest tag of a language, in bytes: as long as RFC 5646 §4.4.1 has buffers be.
const MAX_TAG: usize = 35;

/// What somebody may say of themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProfileField {
    /// How they are called, as a whole.
    Name,
    /// A given name.
    GivenName,
    /// A family name.
    FamilyName,
    /// Which language they read, as a BCP 47 tag.
    Locale,
    /// How friends call them.
    Nickname,
    /// A telephone number.
    PhoneNumber,
    /// A page of theirs.
    Website,
}

impl ProfileField {
    /// All, in the order in which they are asked for.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::Nickname,
        Self::PhoneNumber,
        Self::Website,
        Self::Locale,
    ];

    /// The claim.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Locale => "locale",
            Self::Nickname => "nickname",
            Self::PhoneNumber => "phone_number",
            Self::Website => "website",
        }
    }

    /// What a user says; nothing: an empty text.
    #[must_use]
    pub fn of(self, user: &User) -> &str {
        match self {
            Self::Name => user.name.as_deref().unwrap_or_default(),
            other => user.claims.get(other.claim()).and_then(Value::as_str).unwrap_or_default(),
        }
    }
}

/// What somebody wants to say of themselves from now on.
#[derive(Clone, Debug)]
pub struct OwnProfile {
    /// The version of the user that they saw when they began to write.
    pub seen: i64,
    /// Each field with its text; empty: nothing is said. What is not named stays.
    pub fields: Vec<(ProfileField, String)>,
}

/// Nothing was changed.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// The database failed.
    #[error("the database failed")]
    Failed(#[source] StoreError),
    /// The account was changed since they looked.
    #[error("the account was changed meanwhile")]
    Overtaken,
    /// A text cannot be taken.
    #[error("{}: {problem}", field.claim())]
    Unfit {
        /// Which.
        field: ProfileField,
        /// What is wrong.
        problem: ProfileProblem,
    },
}

/// Why a text cannot be taken, as the rest of a sentence.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ProfileProblem {
    /// It is no language.
    #[error("it is no language")]
    Language,
    /// A character looks like something else, or like nothing.
    #[error("U+{:04X} in it cannot be told from something else by looking", u32::from(*.0))]
    Misleading(char),
    /// It is no telephone number.
    #[error("write it as +49 30 123456")]
    Telephone,
    /// It is longer than that many characters.
    #[error("it must be at most {0} characters on one line")]
    TooLong(usize),
    /// All of it together is more than is kept of anybody.
    #[error("together it is more than fits")]
    TooMuch,
    /// It is no address of a page.
    #[error("it must begin with https:// or http://")]
    Website,
}

impl Engine {
    /// Changes what a user says of themselves.
    ///
    /// # Errors
    /// When a text cannot be taken, the user was changed since, or the database fails.
    pub async fn change_profile(
        &self,
        user: &User,
        profile: &OwnProfile,
        context: &Context,
    ) -> Result<(), ProfileError> {
        let (name, claims) = changed(user, &profile.fields)?;
        if name == user.name && claims == user.claims {
            return Ok(());
        }
        let (actor, subject) = (Actor::User(user.id.clone()), Subject::User(user.id.clone()));
        // Whose claims they are, and not what they say: the trail outlives the account.
        let record = context
            .record(Event::UserUpdated, actor, Some(subject))
            .with("claims", claims.keys().cloned().collect::<Vec<_>>());
        let (user_id, seen, now) = (user.id.clone(), profile.seen, context.now);
        let change = ProfileChange { user_id, seen, name, claims, now, record };
        match self.store.change_profile(change).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ProfileError::Overtaken),
            Err(error) => Err(ProfileError::Failed(error)),
        }
    }
}

/// Name and claims as they are then.
fn changed(
    user: &User,
    fields: &[(ProfileField, String)],
) -> Result<(Option<String>, Map<String, Value>), ProfileError> {
    let (mut name, mut claims) = (user.name.clone(), user.claims.clone());
    for (field, text) in fields {
        let text = composed(text.trim());
        if text == field.of(user) {
            continue;
        }
        let said = (!text.is_empty()).then_some(text);
        if let Some(text) = &said {
            check(*field, text).map_err(|problem| ProfileError::Unfit { field: *field, problem })?;
        }
        match (field, said) {
            (ProfileField::Name, said) => name = said,
            (field, Some(text)) => {
                claims.insert(field.claim().to_owned(), text.into());
            }
            (field, None) => {
                claims.remove(field.claim());
            }
        }
        if *field == ProfileField::PhoneNumber {
            claims.remove("phone_number_verified");
        }
    }
    let unfit = |_unfit| ProfileError::Unfit { field: ProfileField::Name, problem: ProfileProblem::TooMuch };
    check_user_claims(&claims).map_err(unfit)?;
    Ok((name, claims))
}

fn check(field: ProfileField, text: &str) -> Result<(), ProfileProblem> {
    if let Some(c) = text.chars().find(|c| misleads(*c)) {
        return Err(ProfileProblem::Misleading(c));
    }
    if text.chars().count() > MAX_NAME {
        return Err(ProfileProblem::TooLong(MAX_NAME));
    }
    match field {
        ProfileField::Locale => {
            let tag = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            (tag && text.len() <= MAX_TAG).then_some(()).ok_or(ProfileProblem::Language)
        }
        ProfileField::PhoneNumber => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let written = text.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c));
            let good = written && (4..=15).contains(&digits);
            good.then_some(()).ok_or(ProfileProblem::Telephone)
        }
        // Applications make links of it.
        ProfileField::Website => {
            let good = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            good.then_some(()).ok_or(ProfileProblem::Website)
        }
        _ => Ok(()),
    }
}
