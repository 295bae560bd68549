//! How a session begins, and how it goes on when its user has proven once more to be who they are.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Digest, DigestDomain, Event, Session, SessionId, Subject, random_base62};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::Secret;
use tokenry_store::{BeginSession, RenewSession, SessionCap};

use super::device::Device;
use super::seal::{Purpose, SealError};
use super::signed_in::{ApiCookie, Cookie, SignedInUser};
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::sign_in::{HalfProven, ProvenUser};

/// 43 characters of base62 are 256 bits.
const VALUE_LEN: usize = 43;
/// How much is kept of what a browser calls itself, in characters.
const MAX_USER_AGENT: usize = 200;
/// How many living sessions a user may have: more than anybody has browsers, few enough to look through.
const MOST_SESSIONS: i64 = 100;
/// How long somebody may look for the second factor.
const FACTOR_TTL: Duration = Duration::from_secs(600);

/// A session that has begun or goes on, and what its browser carries from now on.
pub struct BegunSession {
    /// Which.
    pub id: SessionId,
    /// What the cookie says. What it said before is dead.
    pub cookie: Secret,
    /// What the cookie for APIs says. What it said before is dead, too.
    pub api_cookie: Secret,
    /// How long the session lives at the most.
    pub lives: Duration,
}

impl fmt::Debug for BegunSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BegunSession")
            .field("id", &self.id)
            .field("lives", &self.lives)
            .finish_non_exhaustive()
    }
}

/// The browser that somebody signs in with.
#[derive(Clone, Copy, Debug)]
pub struct AtHand<'a> {
    /// What it calls itself.
    pub user_agent: &'a str,
    /// What it is known by.
    pub device: &'a Device,
}

/// What is sealed between password and second factor.
#[derive(Deserialize, Serialize)]
struct Half {
    /// The browser that showed the password.
    browser: String,
    proof: String,
}

impl Engine {
    /// Begins a session for a user who has just proven to be who they are. Where `current` is a session of the same user in
    /// the same browser, that one goes on under another cookie (SES-01); one of somebody else's ends. `None`: the user was
    /// changed or disabled since the proof, and has to prove anew. They are told of a browser that they have not used before.
    /// Of more than a hundred sessions the longest unused ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_session(
        &self,
        proven: &ProvenUser,
        current: Option<&SignedInUser>,
        browser: &AtHand<'_>,
        context: &Context,
    ) -> Result<Option<BegunSession>, Refusal> {
        if let Some(current) = current.filter(|current| current.user.id == proven.user().id)
            && let Some(begun) = self.renew_session(proven, current, browser, context).await?
        {
            return Ok(Some(begun));
        }
        let (session, value) = self.new_session(proven, browser.user_agent, context);
        let mut records = vec![self.session_record(Event::SessionStarted, &session, context)];
        let replaced = current.filter(|current| current.user.id != proven.user().id);
        records.extend(replaced.map(|old| self.session_record(Event::SessionEnded, &old.session, context)));
        let begin = BeginSession {
            user_version: proven.user().version,
            replaced: replaced.map(|old| old.session.id.clone()),
            device: Some(self.seen(browser.device, proven, &session.id, context)),
            cap: self.session_cap(&session, context),
            session,
        };
        let begun = self.store.begin_session(&begin, &records).await?;
        self.tell_of_ended_sessions();
        self.wake_sender();
        if begun { self.carried(&begin.session, value, context.now).map(Some) } else { Ok(None) }
    }

    /// Of more sessions than that the longest unused end. Those that have run out are none: what was granted in them lives on.
    fn session_cap(&self, session: &Session, context: &Context) -> SessionCap {
        let settings = &self.settings.sessions;
        let (actor, subject) = (Actor::User(session.user_id.clone()), Subject::Session(session.id.clone()));
        SessionCap {
            most: MOST_SESSIONS,
            used_since: context.now.minus(settings.idle_ttl),
            begun_since: context.now.minus(settings.ttl),
            ended: context.record(Event::SessionEnded, actor, Some(subject)).with("why", "too_many_sessions"),
        }
    }

    /// `None` also where another request has renewed the session first: its browser then has the other cookie, and whoever
    /// proved this time gets a session of their own.
    async fn renew_session(
        &self,
        proven: &ProvenUser,
        current: &SignedInUser,
        browser: &AtHand<'_>,
        context: &Context,
    ) -> Result<Option<BegunSession>, Refusal> {
        let value = random_base62(&*self.rng, VALUE_LEN);
        let mut session = current.session.clone();
        session.auth_time = proven.auth_time();
        session.amr = proven.amr().to_vec();
        let renew = RenewSession {
            id: session.id.clone(),
            before: session.digest.clone(),
            digest: digest(&value),
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            user_version: proven.user().version,
            device: Some((session.user_id.clone(), browser.device.digest(&session.user_id))),
        };
        let record = self.session_record(Event::SessionReauthenticated, &session, context);
        let renewed = self.store.renew_session(&renew, &[record]).await?;
        if renewed { self.carried(&session, value, context.now).map(Some) } else { Ok(None) }
    }

    fn new_session(&self, proven: &ProvenUser, user_agent: &str, context: &Context) -> (Session, String) {
        let value = random_base62(&*self.rng, VALUE_LEN);
        let session = Session {
            id: SessionId::generate(context.now, &*self.rng),
            digest: digest(&value),
            user_id: proven.user().id.clone(),
            company_id: None,
            auth_time: proven.auth_time(),
            amr: proven.amr().to_vec(),
            address: context.address.map(|address| address.to_canonical().to_string()),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect(),
            created_at: context.now,
            last_seen_at: context.now,
            expires_at: context.now.plus(self.settings.sessions.ttl),
        };
        (session, value)
    }

    fn carried(&self, session: &Session, value: String, now: Timestamp) -> Result<BegunSession, Refusal> {
        let end = session.expires_at;
        let for_apis = ApiCookie::of(&digest(&value));
        let cookie = self.seal(Purpose::SessionCookie, &Cookie { value }, end, now).map_err(unsealable)?;
        let api_cookie = self.seal(Purpose::ApiCookie, &for_apis, end, now).map_err(unsealable)?;
        Ok(BegunSession {
            id: session.id.clone(),
            cookie: Secret::new(cookie),
            api_cookie: Secret::new(api_cookie),
            lives: end.since(now),
        })
    }

    /// Seals half a proof for the browser that showed it.
    ///
    /// # Errors
    /// When no key seals.
    pub fn seal_half_proven(
        &self,
        half: &HalfProven,
        browser: &str,
        context: &Context,
    ) -> Result<String, Refusal> {
        let proof = String::from_utf8_lossy(&half.to_bytes()).into_owned();
        let half_sealed = Half { browser: browser.to_owned(), proof };
        let end = half.at().plus(FACTOR_TTL);
        self.seal(Purpose::Factor, &half_sealed, end, context.now).map_err(unsealable)
    }

    /// Half a proof that this browser showed; `None` where another did, it was changed, or that was too long ago (LOG-06).
    #[must_use]
    pub fn open_half_proven(&self, sealed: &str, browser: &str, context: &Context) -> Option<HalfProven> {
        let half: Half = self.unseal(Purpose::Factor, sealed, context.now)?;
        if half.browser == browser { HalfProven::from_bytes(half.proof.as_bytes()) } else { None }
    }
}

fn digest(value: &str) -> Digest {
    Digest::of(DigestDomain::Session, &Secret::new(value.to_owned()))
}

pub(crate) fn unsealable(error: SealError) -> Refusal {
    tracing::error!(error = &error as &dyn std::error::Error, "a session cannot be sealed");
    match error {
        SealError::NoKey => Refusal::unavailable("no_session_key"),
        SealError::TooLong => {
            Refusal::new(ErrorCode::ServerError, "sealed_too_long", "The server failed to answer.")
        }
    }
}
