//! What a server that stops has taken and not used goes back, for the replicas that go on.

use tokenry_model::ClientId;
use tokenry_store::UnusedTokens;
use tokio::sync::Mutex;

use super::{Blocks, PERIODS, Quotas};
use crate::engine::Engine;

/// How many blocks one transaction gives back, which has seconds for it.
const AT_ONCE: usize = 200;

impl Engine {
    /// Gives back what no request will use any more. What cannot be given back lapses with its period.
    pub(crate) async fn give_back_quotas(&self) {
        for unused in self.quotas.take_unused().await.chunks(AT_ONCE) {
            if let Err(error) = self.store.return_tokens(unused.to_vec()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    "unused parts of quotas could not be given back and lapse with their periods"
                );
                // The process ends, and the others would take as long to fail.
                return;
            }
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

async fn take_unused_of(id: &ClientId, held: &Mutex<Blocks>, unused: &mut Vec<UnusedTokens>) {
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
