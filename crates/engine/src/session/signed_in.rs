//! Who sits before a browser: a session whose row lives and whose user may act, and how it ends.
//!
//! 1. [`Engine::signed_in`] finds the row of a cookie and asks whether its user may act, at every request.
//! 2. Whoever has deleted the account is a [`LeavingUser`] instead, whom nothing takes for one who may act.
//! 3. [`Engine::end_session`] deletes the row: the cookie is dead at once, and so is what was granted in the session.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::{
    Actor, Company, Digest, DigestDomain, Event, Record, Session, SessionId, Subject, User, UserId,
    UserState, random_base62,
};
use tokenry_protocol::secret::Secret;
use tokenry_store::SessionStanding;

use super::seal::Purpose;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::may_act::{Barred, SessionTimes, Standing, may_act};
use crate::refusal::Refusal;
use crate::settings::SessionSettings;

/// How exactly it is known when a session was last used.
const GRAIN: Duration = Duration::from_secs(60);
/// How many sessions are read at once.
const MAX_LISTED: i64 = 200;
/// 22 characters of base62 are 131 bits.
const BROWSER_ID_LEN: usize = 22;

/// Proof that a request comes from a browser in which a user is signed in. Made here only, from a cookie.
#[derive(Clone, Debug)]
pub struct SignedInUser {
    pub(super) user: User,
    pub(super) session: Session,
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
}

/// Proof that a request comes from a browser in which somebody is signed in who has deleted their account: they may keep it,
/// or sign out. Made here only, from a cookie.
#[derive(Clone, Debug)]
pub struct LeavingUser {
    inner: SignedInUser,
    due_at: Timestamp,
}

impl LeavingUser {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        self.inner.user()
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        self.inner.session()
    }

    /// When the account is deleted.
    #[must_use]
    pub const fn due_at(&self) -> Timestamp {
        self.due_at
    }
}

/// Whom a cookie names.
pub(super) enum Named {
    Acts(Box<SignedInUser>),
    Leaves(Box<LeavingUser>),
    Nobody,
}

impl Named {
    /// Only who may act.
    fn acts(self) -> Option<SignedInUser> {
        match self {
            Self::Acts(user) => Some(*user),
            Self::Leaves(_) | Self::Nobody => None,
        }
    }

    /// Also somebody who may not act any more than sign out.
    pub(super) fn lives(self) -> Option<SignedInUser> {
        match self {
            Self::Acts(user) => Some(*user),
            Self::Leaves(user) => Some(user.inner),
            Self::Nobody => None,
        }
    }
}

/// What the cookie says.
#[derive(Deserialize, Serialize)]
pub(super) struct Cookie {
    pub(super) value: String,
}

/// What the cookie for APIs says: of the session's value the digest, from which nobody gets back to the value. So it dies with
/// the value, and what is in it opens no page.
#[derive(Deserialize, Serialize)]
pub(super) struct ApiCookie {
    digest: String,
}

impl ApiCookie {
    pub(super) fn of(digest: &Digest) -> Self {
        Self { digest: base64url::encode(digest.as_bytes()) }
    }

    fn digest(&self) -> Option<Digest> {
        let bytes = base64url::decode(&self.digest).ok()?;
        bytes.as_slice().try_into().ok().map(Digest::from_bytes)
    }
}

impl Engine {
    /// Who is signed in by this cookie; `None` if it is none of ours, or has ended, or its user may not act now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(&self, cookie: &str, context: &Context) -> Result<Option<SignedInUser>, Refusal> {
        Ok(self.named(cookie, context).await?.acts())
    }

    /// Who is signed in by this cookie and has deleted their account; `None` for everybody else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leaving_user(
        &self,
        cookie: &str,
        context: &Context,
    ) -> Result<Option<LeavingUser>, Refusal> {
        match self.named(cookie, context).await? {
            Named::Leaves(user) => Ok(Some(*user)),
            Named::Acts(_) | Named::Nobody => Ok(None),
        }
    }

    /// Who is signed in by this cookie for APIs; `None` if it is none of ours, or its session has ended or has another value
    /// by now, or the user may not act. It opens no page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in_for_apis(
        &self,
        cookie: &str,
        context: &Context,
    ) -> Result<Option<SignedInUser>, Refusal> {
        Ok(self.named_for_apis(cookie, context).await?.acts())
    }

    /// Whose session this is, if it lives and its user may act: for what names a session and is proof of it by itself.
    pub(super) async fn signed_in_by_id(
        &self,
        id: &SessionId,
        context: &Context,
    ) -> Result<Option<SignedInUser>, Refusal> {
        let Some(session) = self.store.find_session_by_id(id).await? else { return Ok(None) };
        Ok(self.named_by(session.digest, context).await?.acts())
    }

    pub(super) async fn named_for_apis(&self, cookie: &str, context: &Context) -> Result<Named, Refusal> {
        let said: Option<ApiCookie> = self.unseal(Purpose::ApiCookie, cookie, context.now);
        match said.and_then(|said| said.digest()) {
            Some(digest) => self.named_by(digest, context).await,
            None => Ok(Named::Nobody),
        }
    }

    pub(super) async fn named(&self, cookie: &str, context: &Context) -> Result<Named, Refusal> {
        match self.unseal(Purpose::SessionCookie, cookie, context.now) {
            Some(Cookie { value }) => {
                self.named_by(Digest::of(DigestDomain::Session, &Secret::new(value)), context).await
            }
            None => Ok(Named::Nobody),
        }
    }

    async fn named_by(&self, digest: Digest, context: &Context) -> Result<Named, Refusal> {
        let now = context.now;
        let Some(standing) = self.store.find_session(&digest).await? else { return Ok(Named::Nobody) };
        let SessionStanding { session, user, company } = standing;
        let times = Some(times(&session, &self.settings.sessions));
        let decided = may_act(Standing { session: times, user: Some(&user), ..Standing::default() }, now);
        if !matches!(decided, Ok(()) | Err(Barred::UserLeaving)) {
            return Ok(Named::Nobody);
        }
        if now.since(session.last_seen_at) >= GRAIN {
            self.store.touch_session(&session.id, now).await?;
        }
        let state = user.state;
        let inner = SignedInUser { user, session, company };
        Ok(match (decided, state) {
            (Ok(()), _) => Named::Acts(Box::new(inner)),
            (Err(_), UserState::Leaving { due_at }) => Named::Leaves(Box::new(LeavingUser { inner, due_at })),
            (Err(_), _) => Named::Nobody,
        })
    }

    /// Signs out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, current: &SignedInUser, context: &Context) -> Result<(), Refusal> {
        let record = self.session_record(Event::SessionEnded, &current.session, context);
        self.store.end_session(&current.session.id, None, context.now, &[record]).await?;
        self.tell_of_ended_sessions();
        Ok(())
    }

    /// Signs somebody out who has deleted their account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_leaving_session(&self, current: &LeavingUser, context: &Context) -> Result<(), Refusal> {
        self.end_session(&current.inner, context).await
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
        self.tell_of_ended_sessions();
        Ok(ended.is_some())
    }

    /// Signs a user out everywhere, and ends all that was granted, also in sessions that are long over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_all_sessions(&self, current: &SignedInUser, context: &Context) -> Result<(), Refusal> {
        let user = &current.user.id;
        let subject = Some(Subject::User(user.clone()));
        let record = context.record(Event::UserSignedOut, Actor::User(user.clone()), subject);
        self.store.end_sessions_of(user, context.now, &[record]).await?;
        self.tell_of_ended_sessions();
        Ok(())
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

    /// A name for a browser in which nobody has signed in yet.
    #[must_use]
    pub fn browser_id(&self) -> String {
        random_base62(&*self.rng, BROWSER_ID_LEN)
    }

    /// When the session of somebody who is signed in ends, however much it is used.
    #[must_use]
    pub fn session_expires_at(&self, user: &SignedInUser) -> Timestamp {
        times(&user.session, &self.settings.sessions).expires_at
    }

    fn lives(&self, session: &Session, now: Timestamp) -> bool {
        let session = Some(times(session, &self.settings.sessions));
        may_act(Standing { session, ..Standing::default() }, now).is_ok()
    }

    pub(super) fn session_record(&self, event: Event, session: &Session, context: &Context) -> Record {
        let methods: Vec<_> = session.amr.iter().map(|method| method.as_str()).collect();
        let actor = Actor::User(session.user_id.clone());
        context.record(event, actor, Some(Subject::Session(session.id.clone()))).with("amr", methods)
    }
}

/// When a session ends if it is not used any more.
#[must_use]
pub fn ends_at(session: &Session, settings: &SessionSettings) -> Timestamp {
    let SessionTimes { expires_at, idle_at } = times(session, settings);
    expires_at.min(idle_at)
}

fn times(session: &Session, settings: &SessionSettings) -> SessionTimes {
    SessionTimes {
        // A lifetime that an operator has made shorter since holds for sessions that began before.
        expires_at: session.expires_at.min(session.created_at.plus(settings.ttl)),
        idle_at: session.last_seen_at.plus(settings.idle_ttl),
    }
}
