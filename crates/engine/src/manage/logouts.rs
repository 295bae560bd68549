//! Logout tokens, as operators see them: what waits, and what became of the others lately.

use tokenry_store::{ListedLogout, LogoutKey};

use super::{Error, Manager};

impl Manager {
    /// Up to `limit` logout tokens after the one `after`, of the oldest session first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logouts(&self, after: Option<LogoutKey>, limit: i64) -> Result<Vec<ListedLogout>, Error> {
        self.store.list_logouts(after.as_ref(), limit).await.map_err(Error::Store)
    }
}
