//! Who sits before a browser: a session whose row lives and whose user may act, and how it begins, goes on and ends.
//!
//! 1. [`Engine::begin_session`] takes the proof of a user by value and makes a row and a cookie. Whoever is signed in already
//!    gets another cookie, and the old one is dead (SES-01).
//! 2. [`Engine::signed_in`] finds the row of a cookie and asks whether its user may act, at every request.
//! 3. [`Engine::end_session`] deletes the row: the cookie is dead at once, and so is what was granted in the session.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::{
    Actor, Company, Digest, DigestDomain, Event, Record, Session, SessionId, Subject, User, UserId,
    random_base62,
};
use tokenry_protocol::secret::Secret;
use tokenry_store::{RenewSession, SessionStanding};

use super::seal::Purpose;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::may_act::{SessionTimes, Standing, may_act};
use crate::refusal::Refusal;
use crate::sign_in::ProvenUser;

/// 43 characters of base62 are 256 bits.
const VALUE_LEN: usize = 43;
/// How exactly it is known when a session was last used.
const GRAIN: Duration = Duration::from_secs(60);
/// How much is kept of what a browser calls itself.
const MAX_USER_AGENT: usize = 256;
/// For how long after a proof its user may do what matters: create credentials, change a password or a second factor.
pub const FRESH: Duration = Duration::from_secs(600);
/// How many sessions of one user are shown.
const MAX_LISTED: i64 = 200;

/// Proof that a request comes from a browser in which a user is signed in. Made here only, from a cookie.
#[derive(Clone, Debug)]
pub struct SignedInUser {
    user: User,
    session: Session,
    company: Option<Company>,
}

impl SignedInUser {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The company that the session acts for, if the user belongs to it still.
    #[must_use]
    pub const fn company(&self) -> Option<&Company> {
        self.company.as_ref()
    }

    /// Whether the user has proven to be who they are so lately that they may do what matters.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.session.auth_time) < FRESH
    }
}

/// What a browser gets when a user has signed in.
#[derive(Debug)]
pub struct NewSession {
    /// The value of the cookie.
    pub cookie: Secret,
    /// When the session ends, however much it is used.
    pub expires_at: Timestamp,
    /// Which session it is.
    pub id: SessionId,
}

/// What the cookie says.
#[derive(Deserialize, Serialize)]
struct Cookie {
    value: String,
}

impl Engine {
    /// Begins a session for a proven user. If `current` is one of the same user it goes on, with another cookie; one of
    /// somebody else ends.
    ///
    /// # Errors
    /// When the user has changed since the proof, or the database fails.
    pub async fn begin_session(
        &self,
        proven: ProvenUser,
        current: Option<&SignedInUser>,
        user_agent: &str,
        context: &Context,
    ) -> Result<NewSession, Refusal> {
        match current {
            Some(current) if current.user.id == proven.user().id => {
                self.reauthenticate(&proven, current, context).await
            }
            Some(current) => {
                self.end_session(current, context).await?;
                self.sign_in_anew(&proven, user_agent, context).await
            }
            None => self.sign_in_anew(&proven, user_agent, context).await,
        }
    }

    async fn sign_in_anew(
        &self,
        proven: &ProvenUser,
        user_agent: &str,
        context: &Context,
    ) -> Result<NewSession, Refusal> {
        let (value, digest) = self.session_value();
        let now = context.now;
        let session = Session {
            id: SessionId::generate(now, &*self.rng),
            digest,
            user_id: proven.user().id.clone(),
            company_id: None,
            auth_time: proven.auth_time(),
            amr: proven.amr().to_vec(),
            address: context.address.map(|address| address.to_canonical().to_string()),
            user_agent: shortened(user_agent),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(self.settings.sessions.ttl),
        };
        let record = self.session_record(Event::SessionStarted, &session, context);
        if !self.store.begin_session(&session, proven.user().version, &[record]).await? {
            return Err(Refusal::unavailable("user_changed"));
        }
        self.new_session(value, &session, context)
    }

    async fn reauthenticate(
        &self,
        proven: &ProvenUser,
        current: &SignedInUser,
        context: &Context,
    ) -> Result<NewSession, Refusal> {
        let (value, digest) = self.session_value();
        let renew = RenewSession {
            id: current.session.id.clone(),
            before: current.session.digest.clone(),
            digest,
            auth_time: proven.auth_time(),
            amr: proven.amr().to_vec(),
            user_version: proven.user().version,
        };
        let record = self.session_record(Event::SessionReauthenticated, &current.session, context);
        if !self.store.renew_session(&renew, &[record]).await? {
            return Err(Refusal::unavailable("session_changed"));
        }
        self.new_session(value, &current.session, context)
    }

    /// Who is signed in by this cookie; `None` if it is none of ours, or has ended, or its user may not act now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(&self, cookie: &str, context: &Context) -> Result<Option<SignedInUser>, Refusal> {
        let now = context.now;
        let Some(Cookie { value }) = self.unseal(Purpose::SessionCookie, cookie, now) else { return Ok(None) };
        let digest = Digest::of(DigestDomain::Session, &Secret::new(value));
        let Some(standing) = self.store.find_session(&digest).await? else { return Ok(None) };
        let SessionStanding { session, user, company } = standing;
        let act = Standing { session: Some(self.times(&session)), user: Some(&user), ..Standing::default() };
        if may_act(act, now).is_err() {
            return Ok(None);
        }
        if now.since(session.last_seen_at) >= GRAIN {
            self.store.touch_session(&session.id, now).await?;
        }
        Ok(Some(SignedInUser { user, session, company }))
    }

    /// Signs out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, current: &SignedInUser, context: &Context) -> Result<(), Refusal> {
        let record = self.session_record(Event::SessionEnded, &current.session, context);
        self.store.end_session(&current.session.id, None, context.now, &[record]).await?;
        self.feed.wake();
        Ok(())
    }

    /// Ends another session of a user who is signed in; `false` where that user has no such session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_other_session(
        &self,
        current: &SignedInUser,
        id: &str,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let Ok(id) = SessionId::parse(id) else { return Ok(false) };
        let (user, actor) = (&current.user.id, Actor::User(current.user.id.clone()));
        let record = context.record(Event::SessionEnded, actor, Some(Subject::Session(id.clone())));
        let ended = self.store.end_session(&id, Some(user), context.now, &[record]).await?;
        self.feed.wake();
        Ok(ended.is_some())
    }

    /// A user's sessions that live, the one that was used last first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, Refusal> {
        let mut sessions = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.list_sessions(Some(user), after.as_ref(), MAX_LISTED).await?;
            after = page.last().map(|session| session.id.clone());
            let done = page.len() < usize::try_from(MAX_LISTED).unwrap_or(usize::MAX);
            sessions.extend(page.into_iter().filter(|session| self.lives(session, now)));
            if done {
                break;
            }
        }
        sessions.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
        Ok(sessions)
    }

    fn lives(&self, session: &Session, now: Timestamp) -> bool {
        may_act(Standing { session: Some(self.times(session)), ..Standing::default() }, now).is_ok()
    }

    fn times(&self, session: &Session) -> SessionTimes {
        let settings = &self.settings.sessions;
        SessionTimes {
            // A lifetime that an operator has made shorter since holds for sessions that began before.
            expires_at: session.expires_at.min(session.created_at.plus(settings.ttl)),
            idle_at: session.last_seen_at.plus(settings.idle_ttl),
        }
    }

    fn session_value(&self) -> (Secret, Digest) {
        let value = Secret::new(random_base62(&*self.rng, VALUE_LEN));
        let digest = Digest::of(DigestDomain::Session, &value);
        (value, digest)
    }

    fn new_session(
        &self,
        value: Secret,
        session: &Session,
        context: &Context,
    ) -> Result<NewSession, Refusal> {
        let cookie = Cookie { value: value.expose().to_owned() };
        let sealed = self.seal(Purpose::SessionCookie, &cookie, session.expires_at, context.now);
        let cookie = sealed.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "no cookie can be made");
            Refusal::unavailable("no_session_key")
        })?;
        Ok(NewSession { cookie: Secret::new(cookie), expires_at: session.expires_at, id: session.id.clone() })
    }

    fn session_record(&self, event: Event, session: &Session, context: &Context) -> Record {
        let methods: Vec<_> = session.amr.iter().map(|method| method.as_str()).collect();
        let actor = Actor::User(session.user_id.clone());
        context.record(event, actor, Some(Subject::Session(session.id.clone()))).with("amr", methods)
    }
}

/// What a browser calls itself, within bounds and without control characters.
fn shortened(user_agent: &str) -> String {
    user_agent.chars().filter(|character| !character.is_control()).take(MAX_USER_AGENT).collect()
}
