//! Which API is asking: a resource server's own id and secret, at the doors that are its own.

use tokenry_model::{Digest, DigestDomain, ResourceServer, ResourceServerId};
use tokenry_protocol::basic::Basic;
use tokenry_protocol::secret::{SecretKind, Shape, shape};
use tokenry_store::ApiStanding;

use crate::client_auth::secret_from_browser;
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::policy::may_act::{Standing, may_act};
use crate::refusal::Refusal;

/// Proof that an API authenticated with its own credential.
#[derive(Debug)]
pub(crate) struct AuthenticatedApi {
    resource_server: ResourceServer,
}

impl AuthenticatedApi {
    pub(crate) const fn resource_server(&self) -> &ResourceServer {
        &self.resource_server
    }
}

impl Engine {
    pub(crate) async fn authenticate_api(
        &self,
        presented: &Basic,
        context: &Context,
    ) -> Result<AuthenticatedApi, Refusal> {
        let party = Party::new(Some(&presented.client_id), context.address);
        let decided = match self.limits.admit(&party, context.now) {
            Ok(()) => self.check_api_secret(presented, context).await,
            Err(refusal) => Err(refusal),
        };
        let decided = self.limits.judge(&party, decided, context.now);
        if let Err(refusal) = &decided {
            self.refusals.note(refusal.reason, None, context);
        }
        decided
    }

    /// As [`Self::authenticate_api`], without counting a refusal and whatever has failed: for who was heard before.
    pub(crate) async fn check_api_secret(
        &self,
        presented: &Basic,
        context: &Context,
    ) -> Result<AuthenticatedApi, Refusal> {
        if context.from_browser {
            return Err(secret_from_browser());
        }
        let secret = &presented.client_secret;
        let shape = shape(&self.settings.brand, secret.expose());
        if !matches!(shape, Shape::Branded(SecretKind::ResourceServerSecret)) {
            return Err(Refusal::invalid_client("malformed_api_secret"));
        }
        let Ok(id) = ResourceServerId::parse(&presented.client_id) else {
            return Err(Refusal::invalid_client("unknown_api"));
        };
        let digest = Digest::of(DigestDomain::ResourceServerSecret, secret);
        let Some(found) = self.store.find_api_standing(&id, &digest).await? else {
            return Err(Refusal::invalid_client("unknown_api"));
        };
        let ApiStanding { resource_server, secret } = found;
        let matched = secret.filter(|secret| secret.digest.matches(&digest));
        let Some(secret) = matched else { return Err(Refusal::invalid_client("wrong_api_secret")) };
        let standing = Standing { resource_server_secret: Some(&secret), ..Standing::default() };
        may_act(standing, context.now).map_err(|barred| Refusal::invalid_client(barred.reason()))?;
        self.usage.note(&secret.id, secret.last_used_at, context.now);
        Ok(AuthenticatedApi { resource_server })
    }
}
