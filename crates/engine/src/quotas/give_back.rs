//! What a server that stops has taken and not used goes back, for the replicas that go on.

use tokenry_model::ClientId;
use tokenry_store::UnusedTokens;

use super::{Held, PERIODS, Quotas};
use crate::engine::Engine;

impl Engine {
    /// Gives back what no request will use any more. What cannot be given back lapses with its period.
    pub(crate) async fn give_back_quotas(&self) {
        let unused = self.quotas.take_unused().await;
        if unused.is_empty() {
            return;
        }
        if let Err(error) = self.store.return_tokens(unused).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "unused parts of quotas could not be given back and lapse with their periods"
            );
        }
    }
}

impl Quotas {
    pub(super) async fn take_unused(&self) -> Vec<UnusedTokens> {
        // In one order everywhere, so that two replicas never wait for each other.
        let mut clients: Vec<_> = std::mem::take(&mut *self.clients.lock()).into_iter().collect();
        clients.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut unused = Vec::new();
        for (id, held) in clients {
            take_unused_of(&id, &held, &mut unused).await;
        }
        unused
    }
}

async fn take_unused_of(id: &ClientId, held: &Held, unused: &mut Vec<UnusedTokens>) {
    let mut blocks = held.lock().await;
    for period in PERIODS {
        let Some(block) = blocks.of_mut(period).take().filter(|block| block.left > 0) else { continue };
        unused.push(UnusedTokens {
            client_id: id.clone(),
            period,
            began_at: block.began,
            tokens: i64::from(block.left),
        });
    }
}
