//! Sessions, as operators see and end them.

use tokenry_model::{Event, Session, SessionId, Subject, User, UserId};

use super::{Announced, Error, Manager};
use crate::sign_in::canonical_username;

/// How many sessions of one user are read at once.
const PAGE: i64 = 200;

impl Manager {
    /// Up to `limit` sessions after the id `after`, the oldest first: of one user, by id or username, or of all.
    ///
    /// # Errors
    /// When there is no such user, or the database fails.
    pub async fn sessions(
        &self,
        user: Option<&str>,
        after: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<Session>, Error> {
        let user = match user {
            Some(user) => Some(self.named_user(user).await?.id),
            None => None,
        };
        self.store.list_sessions(user.as_ref(), after.as_ref(), limit).await.map_err(Error::Store)
    }

    /// One session.
    ///
    /// # Errors
    /// When there is none with that id, or the database fails.
    pub async fn session(&self, id: &str) -> Result<Session, Error> {
        let not_found = || Error::not_found("session", id);
        let id = SessionId::parse(id).map_err(|_invalid| not_found())?;
        let found = self.store.find_session_by_id(&id).await.map_err(Error::Store)?;
        found.ok_or_else(not_found)
    }

    /// Ends a session: its cookie is refused from the next request on, and what was granted in it is dead. Tells what guards
    /// must learn.
    ///
    /// # Errors
    /// When there is none with that id, or the database fails.
    pub async fn revoke_session(&self, id: &str) -> Result<Announced, Error> {
        let session = self.session(id).await?;
        self.end(&session).await?.ok_or_else(|| Error::not_found("session", id))
    }

    /// Ends every session of a user, by id or username, and says how many there were. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, or the database fails; what was ended before stays so.
    pub async fn revoke_sessions_of(&self, user: &str) -> Result<(usize, Announced), Error> {
        let user = self.named_user(user).await?.id;
        let (mut count, mut announced) = (0, Announced::default());
        loop {
            let page = self.list_of(&user).await?;
            if page.is_empty() {
                return Ok((count, announced));
            }
            for session in &page {
                if let Some(ended) = self.end(session).await? {
                    count += 1;
                    announced.merge(ended);
                }
            }
        }
    }

    async fn list_of(&self, user: &UserId) -> Result<Vec<Session>, Error> {
        self.store.list_sessions(Some(user), None, PAGE).await.map_err(Error::Store)
    }

    async fn end(&self, session: &Session) -> Result<Option<Announced>, Error> {
        let now = self.clock.now();
        let subject = Subject::Session(session.id.clone());
        let record = self.record(now, Event::SessionEnded, subject).with("user", session.user_id.as_str());
        self.store.end_session(&session.id, None, now, &[record]).await.map_err(Error::Store)
    }

    /// A user by id or username.
    async fn named_user(&self, named: &str) -> Result<User, Error> {
        let by_id = match UserId::parse(named) {
            Ok(id) => self.store.find_user(&id).await.map_err(Error::Store)?,
            Err(_invalid) => None,
        };
        let found = match (by_id, canonical_username(named)) {
            (None, Ok(name)) => self.store.find_user_by_username(&name).await.map_err(Error::Store)?,
            (found, _) => found,
        };
        found.ok_or_else(|| Error::not_found("user", named))
    }
}
