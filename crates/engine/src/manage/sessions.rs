//! Sessions, as operators see and end them.

use tokenry_model::{Event, Session, SessionId, Subject};

use super::{Announced, Error, Manager};

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
            Some(user) => Some(self.user(user).await?.id),
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

    /// Signs a user out everywhere, by id or username, and says how many sessions there were: also what was granted in
    /// sessions that are long over ends. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user, or the database fails.
    pub async fn revoke_sessions_of(&self, user: &str) -> Result<(u64, Announced), Error> {
        let user = self.user(user).await?.id;
        let now = self.clock.now();
        let record = self.record(now, Event::UserSignedOut, Subject::User(user.clone()));
        self.store.end_sessions_of(&user, now, &[record]).await.map_err(Error::Store)
    }

    async fn end(&self, session: &Session) -> Result<Option<Announced>, Error> {
        let now = self.clock.now();
        let subject = Subject::Session(session.id.clone());
        let record = self.record(now, Event::SessionEnded, subject).with("user", session.user_id.as_str());
        self.store.end_session(&session.id, None, now, &[record]).await.map_err(Error::Store)
    }
}
