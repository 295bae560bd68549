//! Whether a browser may show its page what a client is answered (CORS): a question about a client that exists.

use tokenry_model::ClientId;

use crate::engine::Engine;
use crate::policy::origin;
use crate::refusal::Refusal;

impl Engine {
    /// Whether pages of `origin` are those of the public client of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_origin_of(&self, client_id: &str, origin: &str) -> Result<bool, Refusal> {
        let Ok(id) = ClientId::parse(client_id) else { return Ok(false) };
        let client = self.store.find_client(&id).await?;
        Ok(client.is_some_and(|client| origin::is_of(&client, origin)))
    }
}
