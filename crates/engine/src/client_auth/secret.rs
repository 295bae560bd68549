//! A client's secret, compared with those that it has (RFC 6749 §2.3.1).
//!
//! 1. A secret of our brand with a wrong checksum is no secret of ours.
//! 2. The client was looked up together with its secret of the presented one's digest, whether or not there is such a client: both
//!    cost the same (TOK-03). Digests are of secrets that nobody can guess.
//! 3. A presented secret short enough to be guessed costs one slow hash, whether or not there is one to compare with.
//! 4. The client must be of the family that authenticates by secret, also if it once had this one (TOK-08).

use tokenry_model::{ClientId, ClientSecret, MethodFamily, SecretVerifier};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_store::ClientStanding;

use super::{AuthenticatedClient, Proof, admit};
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::slow_hash::Queue;

/// Imported secrets at least this long are taken for random and kept as a digest; shorter ones are hashed slowly.
pub(crate) const RANDOM_SECRET_LEN: usize = 32;

impl Engine {
    pub(super) async fn check_secret(
        &self,
        id: Option<&ClientId>,
        mut found: Option<ClientStanding>,
        presented: &Secret,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let shape = shape(&self.settings.brand, presented.expose());
        if !matches!(shape, Shape::Branded(SecretKind::ClientSecret) | Shape::Foreign) {
            return Err(Refusal::invalid_client("malformed_secret"));
        }
        let mut matched = found.as_mut().and_then(|found| found.secret.take());
        if matched.is_none() && matches!(shape, Shape::Foreign) && presented.len() < RANDOM_SECRET_LEN {
            matched = self.find_by_slow_hash(id, presented, context).await?;
        }
        let Some(found) = found else { return Err(Refusal::invalid_client("unknown_client")) };
        let Some(secret) = matched else { return Err(Refusal::invalid_client("wrong_secret")) };
        if found.client.auth_method.family() != MethodFamily::Secret {
            return Err(Refusal::invalid_client("wrong_authentication_method"));
        }
        let proof = Proof::Secret(secret.id.clone());
        let authenticated = admit(found, Some(&secret), proof, context)?;
        self.usage.note(&secret.id, secret.last_used_at, context.now);
        Ok(authenticated)
    }

    async fn find_by_slow_hash(
        &self,
        id: Option<&ClientId>,
        presented: &Secret,
        context: &Context,
    ) -> Result<Option<ClientSecret>, Refusal> {
        let secrets = match id {
            Some(id) => self.store.list_client_secrets(id).await?,
            None => Vec::new(),
        };
        let mut matched = None;
        let mut compared = false;
        // What has ended is not compared with: a guess must not cost more for every rotation there ever was.
        for secret in secrets.into_iter().filter(|secret| secret.works_at(context.now)) {
            if let SecretVerifier::Argon2id(stored) = &secret.verifier {
                compared = true;
                if self
                    .slow_hash
                    .verify(Queue::Secrets, presented, Some(stored), context.address)
                    .await
                    .map_err(busy)?
                {
                    matched = Some(secret);
                }
            }
        }
        if !compared {
            self.slow_hash.verify(Queue::Secrets, presented, None, context.address).await.map_err(busy)?;
        }
        Ok(matched)
    }
}

pub(crate) fn secret_from_browser() -> Refusal {
    let text = "A client secret must not be used from a browser.";
    Refusal::new(ErrorCode::InvalidRequest, "secret_from_browser", text)
}

fn busy(_busy: crate::slow_hash::Busy) -> Refusal {
    Refusal::unavailable("slow_hash_lane_full")
}
