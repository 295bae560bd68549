//! Credentials of users' own: by each of them a user acts as themselves, through nobody.
//!
//! None carries rights. [`live`] decides anew, each time that somebody asks, what its user may do where it is shown: what the
//! user's roles give there now, as for a token that an application gets (decision 27). Beside that stand personal access tokens:
//! [`create`], [`replace`] and [`list`] are their owners' (who makes one has just shown that it is them; a page's form does so
//! [`once`]), [`present`] is for the APIs where they are shown, and [`warn`] tells of those that are about to expire. What operators
//! do is in `manage/pats.rs`. The secret of a developer's account is [`account_secret`], and [`mine`] what it opens here: what is
//! said of the account's own tokens.

mod account_secret;
mod active;
mod create;
mod error;
mod list;
mod live;
mod mine;
mod once;
mod overlap;
mod present;
mod replace;
mod warn;
mod wish;

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    Actor, Digest, DigestDomain, Event, OutboxMail, PatId, PatValue, Record, Rng, Subject, TokenHandle,
    UserId,
};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::CredentialChange;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::engine::Engine;
use crate::mail::{About, pat_page};
use crate::session::FreshUser;

pub use self::account_secret::{AccountSecretError, OwnAccountSecret, OwnSecretValue};
pub(crate) use self::account_secret::{
    AuthenticatedAccount, kept_of, new_value as new_account_secret, open as open_account_secret, replacement,
    that_counts,
};
pub(crate) use self::active::OwnActive;
pub use self::create::IssuedPat;
pub use self::error::PatError;
pub use self::list::{OwnPat, OwnPatApi, PatState, ReachableApi};
pub(crate) use self::live::{LiveRights, OwnCredential};
pub(crate) use self::mine::standing_of;
pub use self::once::SentForm;
pub(crate) use self::overlap::check_overlap;
pub(crate) use self::wish::fit_name;
pub use self::wish::{
    BadAddress, MAX_PAT_ADDRESSES, MAX_PAT_NAME, MAX_PAT_NOTE, MIN_PAT_LIFETIME, NewPat, bad_address,
};

/// How many personal access tokens of a user may work at a time.
pub const MAX_PATS: i64 = 50;
/// How many values of theirs, of tokens and of an account secret, somebody may have made or see within [`LATELY`]: each is an event
/// for every guard, a record and a mail, for which those of others wait.
const MAX_VALUES: i64 = 60;
/// Of how many ends they are told within that: an end is never put off.
const MAX_TOLD_ENDS: i64 = 20;
const LATELY: Duration = Duration::from_secs(3_600);
/// How long those that work no more can still be seen, if they are among the last fifty.
pub(crate) const KEEP_PATS: Duration = Duration::from_secs(90 * 86_400);

/// A value for a personal access token, and what is kept of it.
pub(crate) fn new_value(
    brand: &Brand,
    pat: &PatId,
    lifetime: Duration,
    now: Timestamp,
    rng: &dyn Rng,
) -> (Secret, PatValue) {
    let mut entropy = Zeroizing::new([0; 32]);
    rng.fill(entropy.as_mut_slice());
    let token = issue(brand, SecretKind::PersonalAccessToken, &entropy);
    let value = value_of(&token, pat, lifetime, now, rng);
    (token, value)
}

/// What is kept of a value.
pub(crate) fn value_of(
    token: &Secret,
    pat: &PatId,
    lifetime: Duration,
    now: Timestamp,
    rng: &dyn Rng,
) -> PatValue {
    PatValue {
        digest: Digest::of(DigestDomain::PersonalAccessToken, token),
        pat_id: pat.clone(),
        jti: TokenHandle::generate(rng).new_jti(rng),
        last4: token.last4().to_owned(),
        created_at: now,
        expires_at: now.plus(lifetime),
        superseded_at: None,
        last_use: None,
    }
}

/// The same change as one by which its owner has a value made, or sees one, in a session of theirs.
fn bounded(change: CredentialChange, current: &FreshUser) -> CredentialChange {
    let session = Some(current.session().id.clone());
    let most = Some((MAX_VALUES, change.now.minus(LATELY)));
    CredentialChange { session, most, ..change }
}

/// The same change as one by which its owner ends something.
fn quiet(change: CredentialChange) -> CredentialChange {
    let most = Some((MAX_TOLD_ENDS, change.now.minus(LATELY)));
    CredentialChange { most, ..change }
}

/// When somebody may have another value who has had as many lately as they may, the first of them at `first`.
fn retry_after(first: Timestamp, now: Timestamp) -> Duration {
    first.since(now.minus(LATELY))
}

impl Engine {
    /// What is recorded of what an owner does with a personal access token, and told to them.
    fn pat_change(&self, pat: &PatId, record: Record, about: About, context: &Context) -> CredentialChange {
        let mail = Some(self.pat_notice(pat, about, context));
        CredentialChange::new(context.now, vec![record], mail)
    }

    fn pat_notice(&self, pat: &PatId, about: About, context: &Context) -> OutboxMail {
        self.notice_with_link(about, pat_page(self.issuer(), pat), context)
    }
}

/// A record of what an owner does with a personal access token.
fn pat_record((user, pat): (&UserId, &PatId), event: Event, context: &Context) -> Record {
    context.record(event, Actor::User(user.clone()), Some(Subject::Pat(pat.clone())))
}
