//! What a guard holds of the company directory (A5).

use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::Snapshot;

use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    /// The snapshot for the API that authenticates with `credential`: what concerns its audience and nothing else.
    ///
    /// # Errors
    /// When the API does not prove who it is, or the database fails.
    pub async fn snapshot(&self, credential: &Basic, context: &Context) -> Result<Snapshot, Refusal> {
        let api = self.authenticate_api(credential, context).await?;
        let resource_server = api.resource_server();
        let directory =
            if resource_server.tenanted { self.store.company_directory().await? } else { Default::default() };
        let corporations = directory
            .into_iter()
            .map(|(corporation, companies)| {
                (corporation.to_string(), companies.iter().map(ToString::to_string).collect())
            })
            .collect();
        Ok(Snapshot {
            audience: resource_server.audience.clone(),
            issued_at: context.now.as_millis(),
            seq: 0,
            jwks: serde_json::from_slice(&self.jwks()).unwrap_or_default(),
            corporations,
            disabled_companies: vec![],
            revoked: vec![],
        })
    }
}
