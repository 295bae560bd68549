//! The handle that a client's tokens are issued under: of its secret with its grant, or of the grant of a client that
//! has no secret. From then on it knows of a token that lives `ttl`: whoever ends the handle tells guards how long to
//! remember that.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{SecretId, TokenHandle};
use tokenry_store::{Error as StoreError, GrantReach, Result as StoreResult};

use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    /// The handle of a secret and a grant, as far as that is used: the one that is `known`, if it was read already. `None`
    /// when secret or grant went away meanwhile.
    pub(super) async fn handle_of_secret(
        &self,
        secret: &SecretId,
        reach: &GrantReach,
        known: Option<(TokenHandle, Duration)>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<TokenHandle>, Refusal> {
        let found = match known {
            None => self.store.find_token_handle(secret, reach.clone()).await?,
            known => known,
        };
        match found {
            Some((handle, longest)) if ttl <= longest => Ok(Some(handle)),
            _ => {
                let proposed = TokenHandle::generate(&*self.rng);
                unless_gone(self.store.assign_token_handle(secret, reach.clone(), proposed, ttl, now).await)
            }
        }
    }

    /// The handle of a grant, as far as it is used. `None` when it went away meanwhile.
    pub(super) async fn handle_of_grant(
        &self,
        reach: &GrantReach,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<TokenHandle>, Refusal> {
        match self.store.find_assertion_handle(reach.clone()).await? {
            Some((handle, longest)) if ttl <= longest => Ok(Some(handle)),
            _ => {
                let proposed = TokenHandle::generate(&*self.rng);
                unless_gone(self.store.assign_assertion_handle(reach.clone(), proposed, ttl, now).await)
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
