//! The bounded lane for argon2id: imported secrets short enough to guess are hashed slowly, and strangers cannot make that the whole server's work.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokenry_model::Rng;
use tokenry_protocol::secret::Secret;
use tokio::sync::Semaphore;

/// How many hashes may wait for their turn.
const QUEUE: usize = 64;

/// The lane has no room: the caller should ask again shortly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Busy;

/// The bounded lane.
#[derive(Debug)]
pub(crate) struct SlowHash {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    /// Compared with when there is nothing to compare with, so that both cost the same.
    decoy: Arc<str>,
}

impl SlowHash {
    /// A lane that runs at most `parallel` hashes at once.
    pub(crate) fn new(parallel: usize, rng: &dyn Rng) -> Self {
        let mut unguessable = [0; 32];
        rng.fill(&mut unguessable);
        let decoy = hash(&unguessable, rng);
        Self {
            running: Arc::new(Semaphore::new(parallel)),
            waiting: Semaphore::new(QUEUE),
            decoy: decoy.into(),
        }
    }

    /// Whether `presented` is the secret behind `stored`; with `None` it costs the same and is not.
    pub(crate) async fn verify(&self, presented: &Secret, stored: Option<&str>) -> Result<bool, Busy> {
        let _place = self.waiting.try_acquire().map_err(|_full| Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_closed| Busy)?;
        tracing::trace!("slow hash");
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let presented = presented.clone();
        let matches = tokio::task::spawn_blocking(move || {
            let matches = verify(presented.expose().as_bytes(), &stored);
            drop(turn);
            matches
        });
        Ok(matches.await.map_err(|_panic| Busy)? && known)
    }
}

/// The argon2id hash of a short imported secret, in PHC form, with OWASP's parameters.
pub(crate) fn hash_secret(secret: &Secret, rng: &dyn Rng) -> String {
    hash(secret.expose().as_bytes(), rng)
}

fn hash(secret: &[u8], rng: &dyn Rng) -> String {
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    Argon2::default()
        .hash_password_with_salt(secret, &salt)
        .expect("the default parameters and a salt of 16 bytes are within argon2's bounds")
        .to_string()
}

fn verify(secret: &[u8], stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(secret, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::SystemRng;

    #[tokio::test]
    async fn verifies_what_it_hashed_and_never_the_decoy() {
        let lane = SlowHash::new(1, &SystemRng);
        let secret = Secret::new("hunter2".to_owned());
        let stored = hash_secret(&secret, &SystemRng);
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(lane.verify(&secret, Some(&stored)).await, Ok(true));
        assert_eq!(lane.verify(&Secret::new("hunter3".to_owned()), Some(&stored)).await, Ok(false));
        assert_eq!(lane.verify(&secret, None).await, Ok(false));
        assert_eq!(lane.verify(&secret, Some("not a hash")).await, Ok(false));
    }
}
