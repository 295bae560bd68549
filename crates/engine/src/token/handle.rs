//! The handle that a client's tokens are issued under: of its secret with its grant, or of the grant of a client that
//! has no secret.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{ClientGrantId, SecretId, TokenHandle};
use tokenry_store::{Error as StoreError, Result as StoreResult};

use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    /// `None` when secret or grant went away meanwhile.
    pub(super) async fn handle_of_secret(
        &self,
        secret: &SecretId,
        grant: &ClientGrantId,
        now: Timestamp,
    ) -> Result<Option<TokenHandle>, Refusal> {
        if let Some(handle) = self.store.find_token_handle(secret, grant).await? {
            return Ok(Some(handle));
        }
        let proposed = TokenHandle::generate(&*self.rng);
        unless_gone(self.store.assign_token_handle(secret, grant, proposed, now).await)
    }

    /// `ttl` is the lifetime of the token that is about to be issued under it. `None` when the grant went away meanwhile.
    pub(super) async fn handle_of_grant(
        &self,
        grant: &ClientGrantId,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<TokenHandle>, Refusal> {
        match self.store.find_assertion_handle(grant).await? {
            Some((handle, longest)) if ttl <= longest => Ok(Some(handle)),
            _ => {
                let proposed = TokenHandle::generate(&*self.rng);
                unless_gone(self.store.assign_assertion_handle(grant, proposed, ttl, now).await)
            }
        }
    }
}

fn unless_gone(assigned: StoreResult<TokenHandle>) -> Result<Option<TokenHandle>, Refusal> {
    match assigned {
        Ok(handle) => Ok(Some(handle)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
