//! Passwords: how long one may be, which are refused, and how one is changed (NIST SP 800-63B-4 §3.1.1).

use icu_normalizer::ComposingNormalizerBorrowed;
use thiserror::Error;
use tokenry_model::{Actor, Event, Subject, User, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Announced, Error as StoreError};
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::context::Context;
use crate::engine::Engine;

/// The fewest characters of a password that is the only factor. Nobody knows beforehand who will add another.
pub const MIN_CHARS: usize = 15;
/// The fewest that are not one of the person's own names.
const MIN_OWN: usize = 8;
/// The most characters: more is refused before anything is hashed (PEER-03).
pub const MAX_CHARS: usize = 128;
/// The same, in bytes.
pub const MAX_BYTES: usize = 512;
/// What everybody thinks of here.
const PRODUCT: &str = "tokenry";

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum UnfitPassword {
    /// Everybody guesses it: a common one, a row of keys, the person's own name.
    #[error(
        "it is among the first that are guessed; four or more words that have nothing to do with each other are better"
    )]
    Guessable,
    /// More than 128 characters or 512 bytes.
    #[error("it must be at most {MAX_CHARS} characters and {MAX_BYTES} bytes")]
    TooLong,
    /// Fewer than 15 characters.
    #[error("it must be at least {MIN_CHARS} characters; spaces count")]
    TooShort,
    /// The one until now.
    #[error("it is the one that you have")]
    Unchanged,
}

/// A password was not changed.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too many hashes are being computed: ask again shortly.
    #[error("the server is busy; try again shortly")]
    Busy,
    /// There is no such user.
    #[error("there is no such user")]
    NotFound,
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
    /// It cannot be taken.
    #[error("password: {0}")]
    Unfit(#[from] UnfitPassword),
}

/// A password within its bounds, in the one form in which it is hashed: whoever types it on another keyboard types the
/// same (RFC 8265 §4.2). `None`: it is too long to be anybody's.
pub(crate) fn prepared(password: &Secret) -> Option<Secret> {
    let text = password.expose();
    if text.len() > MAX_BYTES || text.chars().count() > MAX_CHARS {
        return None;
    }
    let spaced: Zeroizing<String> = Zeroizing::new(
        text.chars().map(|c| if c.is_whitespace() && !c.is_control() { ' ' } else { c }).collect(),
    );
    Some(Secret::new(ComposingNormalizerBorrowed::new_nfc().normalize(&spaced).into_owned()))
}

/// A new password in the form in which it is hashed.
///
/// # Errors
/// When it is too short, too long, or one that is guessed first: a common one, or made of the user's own names (LOG-10).
pub(crate) fn fit(password: &Secret, user: &User) -> Result<Secret, UnfitPassword> {
    let password = prepared(password).ok_or(UnfitPassword::TooLong)?;
    if password.expose().chars().count() < MIN_CHARS {
        return Err(UnfitPassword::TooShort);
    }
    let names =
        user.username.split(['@', '.', '+', '-', '_']).chain(user.name.iter().flat_map(|it| it.split(' ')));
    let mut known: Vec<&str> = vec![PRODUCT, &user.username];
    known.extend(names.filter(|name| name.chars().count() > 2));
    match zxcvbn(password.expose(), &known).score() {
        Score::Zero | Score::One | Score::Two => Err(UnfitPassword::Guessable),
        _ if without(password.expose(), &known) < MIN_OWN => Err(UnfitPassword::Guessable),
        _ => Ok(password),
    }
}

/// How many characters are left without the words that whoever knows the person tries first.
fn without(password: &str, known: &[&str]) -> usize {
    let mut rest = Zeroizing::new(password.to_lowercase());
    for word in known {
        rest = Zeroizing::new(rest.replace(&word.to_lowercase(), ""));
    }
    rest.chars().count()
}

impl Engine {
    /// Gives a user a password; `actor` is who proved to be allowed to. The user is signed out everywhere, and what was
    /// granted ends: whoever knew the old one is out (LOG-09). Tells what guards must learn.
    ///
    /// # Errors
    /// When the password cannot be taken, there is no such user, or the server is busy. Nothing has changed then.
    pub async fn set_password(
        &self,
        user_id: &UserId,
        password: &Secret,
        actor: Actor,
        context: &Context,
    ) -> Result<Announced, PasswordError> {
        let user = self.store.find_user(user_id).await.map_err(PasswordError::Store)?;
        let user = user.ok_or(PasswordError::NotFound)?;
        let password = fit(password, &user)?;
        let rng = std::sync::Arc::clone(&self.rng);
        let hashed = self.slow_hash.hash(&password, context.address, rng).await;
        let hash = hashed.map_err(|_busy| PasswordError::Busy)?;
        let record = context.record(Event::UserPasswordSet, actor, Some(Subject::User(user.id.clone())));
        let set = self.store.set_password(&user.id, &hash, context.now, &[record], None).await;
        set.map_err(|error| match error {
            StoreError::Missing(_) => PasswordError::NotFound,
            error => PasswordError::Store(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tokenry_clock::Timestamp;
    use tokenry_model::UserState;

    fn check(password: &str) -> Result<Secret, UnfitPassword> {
        let ann = User {
            id: UserId::parse("usr_ann").unwrap(),
            username: "annabel.lee@kingdom.example".to_owned(),
            email_verified_at: None,
            name: Some("Annabel Lee".to_owned()),
            claims: serde_json::Map::new(),
            state: UserState::Enabled,
            version: 1,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        };
        fit(&Secret::new(password.to_owned()), &ann)
    }

    #[rstest]
    #[case::nothing("", UnfitPassword::TooShort)]
    #[case::seven("aB3$xY9", UnfitPassword::TooShort)]
    #[case::fourteen("Xk3!pQ9z#Lm2&v", UnfitPassword::TooShort)]
    #[case::common("passwordpassword", UnfitPassword::Guessable)]
    #[case::common_with_numbers("password1234567890", UnfitPassword::Guessable)]
    #[case::keys("qwertyuiopasdfgh", UnfitPassword::Guessable)]
    #[case::one_letter("aaaaaaaaaaaaaaaaaaaa", UnfitPassword::Guessable)]
    #[case::username("annabel.lee@kingdom.example", UnfitPassword::Guessable)]
    #[case::name("annabellee2026!", UnfitPassword::Guessable)]
    #[case::product("tokenrytokenry1", UnfitPassword::Guessable)]
    #[case::many("\u{e9}", UnfitPassword::TooShort)]
    fn log_10_refused(#[case] password: &str, #[case] why: UnfitPassword) {
        assert_eq!(check(password).map(drop), Err(why), "{password}");
    }

    #[test]
    fn log_10_peer_03_long_ones_are_taken_whole_up_to_the_bounds() {
        let varied = |len: usize| ('!'..='~').cycle().step_by(37).take(len).collect::<String>();
        for len in [15, 64, MAX_CHARS] {
            assert_eq!(check(&varied(len)).unwrap().len(), len);
        }
        assert_eq!(check(&varied(MAX_CHARS + 1)).map(drop), Err(UnfitPassword::TooLong));
        let wide = "\u{1f680}\u{1f419}\u{1f9ed}\u{1f3b7}".repeat(32);
        assert_eq!((wide.chars().count(), wide.len()), (MAX_CHARS, MAX_BYTES));
        assert!(prepared(&Secret::new(wide.clone())).is_some());
        assert!(prepared(&Secret::new(wide + "\u{1f680}")).is_none());
        assert!(prepared(&Secret::new("a".repeat(10_000_000))).is_none());
        let phrase = "gr\u{fc}ne Uhr \u{1f680} vor sieben H\u{e4}usern";
        assert!(check(phrase).is_ok());
    }

    #[test]
    fn log_10_one_password_has_one_form() {
        let form = |text: &str| prepared(&Secret::new(text.to_owned())).unwrap().expose().to_owned();
        assert_eq!(form("cafe\u{301}"), form("caf\u{e9}"));
        assert_eq!(form("a\u{a0}b"), "a b");
        assert_ne!(form("A b"), form("a b"), "case counts");
        assert_ne!(form("a\0b"), form("a"), "NUL ends nothing");
        assert_eq!(form(" a "), " a ", "spaces round it count");
    }
}
