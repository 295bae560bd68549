//! The bounded lane for argon2id: imported secrets short enough to guess are hashed slowly, and strangers cannot make that the whole server's work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use parking_lot::Mutex;
use tokenry_model::Rng;
use tokenry_protocol::secret::Secret;
use tokio::sync::Semaphore;

use crate::policy::limits::subscriber;

/// How many hashes may wait for their turn.
const QUEUE: usize = 64;
/// How many of them may come from one address: nobody fills the lane alone.
const QUEUE_OF_ADDRESS: usize = QUEUE / 4;

/// The lane has no room: the caller should ask again shortly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Busy;

/// The bounded lane.
#[derive(Debug)]
pub(crate) struct SlowHash {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    /// How many of those that wait come from where.
    waiting_from: Mutex<HashMap<Option<IpAddr>, usize>>,
    /// Compared with when there is nothing to compare with, so that both cost the same.
    decoy: Arc<str>,
}

impl SlowHash {
    /// A lane that runs at most `parallel` hashes at once.
    pub(crate) fn new(parallel: usize, rng: &dyn Rng) -> Self {
        Self {
            running: Arc::new(Semaphore::new(parallel)),
            waiting: Semaphore::new(QUEUE),
            waiting_from: Mutex::default(),
            decoy: decoy(rng).into(),
        }
    }

    /// Whether `presented`, which came from `address`, is the secret behind `stored`; with `None` it costs the same and is
    /// not.
    pub(crate) async fn verify(
        &self,
        presented: &Secret,
        stored: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<bool, Busy> {
        let _share = self.share(address.map(subscriber))?;
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

/// One of the places that an address may have; given back when dropped.
struct Share<'a> {
    lane: &'a SlowHash,
    address: Option<IpAddr>,
}

impl SlowHash {
    fn share(&self, address: Option<IpAddr>) -> Result<Share<'_>, Busy> {
        let mut waiting = self.waiting_from.lock();
        let here = waiting.get(&address).copied().unwrap_or_default();
        if here >= QUEUE_OF_ADDRESS {
            return Err(Busy);
        }
        waiting.insert(address, here + 1);
        Ok(Share { lane: self, address })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut waiting = self.lane.waiting_from.lock();
        match waiting.get_mut(&self.address) {
            Some(here) if *here > 1 => *here -= 1,
            _ => drop(waiting.remove(&self.address)),
        }
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

/// A hash of the same cost that is of nothing known: it is random itself, so making it costs no hashing.
fn decoy(rng: &dyn Rng) -> String {
    let (mut salt, mut output) = ([0; 16], [0; 32]);
    rng.fill(&mut salt);
    rng.fill(&mut output);
    let params = Argon2::default().params().clone();
    let (memory, time, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={memory},t={time},p={lanes}${salt}${output}")
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
        assert!(lane.decoy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", lane.decoy);
        assert_eq!(lane.decoy.len(), stored.len());
        assert!(PasswordHash::new(&lane.decoy).is_ok(), "it costs what a hash costs");
        assert_eq!(lane.verify(&secret, Some(&stored), None).await, Ok(true));
        assert_eq!(lane.verify(&Secret::new("hunter3".to_owned()), Some(&stored), None).await, Ok(false));
        assert_eq!(lane.verify(&secret, None, None).await, Ok(false));
        assert_eq!(lane.verify(&secret, Some("not a hash"), None).await, Ok(false));
    }

    #[tokio::test]
    async fn r104_one_address_does_not_fill_the_lane() {
        let lane = Arc::new(SlowHash::new(1, &SystemRng));
        let blocked = Arc::clone(&lane.running).acquire_owned().await.unwrap();
        let ask = |address: &str| {
            let (lane, address) = (Arc::clone(&lane), address.parse().ok());
            tokio::spawn(async move { lane.verify(&Secret::new("hunter2".to_owned()), None, address).await })
        };
        let asked: Vec<_> = (0..QUEUE).map(|_| ask("203.0.113.7")).collect();
        while lane.waiting.available_permits() > QUEUE - QUEUE_OF_ADDRESS {
            tokio::task::yield_now().await;
        }
        let other = ask("203.0.113.8");
        drop(blocked);
        assert_eq!(other.await.unwrap(), Ok(false));
        let mut busy = 0;
        for asked in asked {
            busy += usize::from(asked.await.unwrap() == Err(Busy));
        }
        assert_eq!(busy, QUEUE - QUEUE_OF_ADDRESS);
        assert!(lane.waiting_from.lock().is_empty());
    }
}
