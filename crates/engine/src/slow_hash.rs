//! The bounded lane for argon2id: passwords, and imported secrets short enough to guess, are hashed slowly, and strangers cannot
//! make that the whole server's work.
//!
//! There are two queues before it, which take turns: however many people sign in at once, clients' secrets are still
//! checked, and the reverse.

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

/// How many hashes may wait for their turn in a queue.
const QUEUE: usize = 64;
/// How many of them may come from one address: nobody fills a queue alone.
const QUEUE_OF_ADDRESS: usize = QUEUE / 4;

/// The lane has no room: the caller should ask again shortly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Busy;

/// In which queue somebody waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Queue {
    /// People who sign in, or choose a password.
    Passwords,
    /// Clients with an imported secret short enough to guess.
    Secrets,
}

/// The bounded lane.
#[derive(Debug)]
pub(crate) struct SlowHash {
    running: Arc<Semaphore>,
    passwords: Waiting,
    secrets: Waiting,
    /// Compared with when there is nothing to compare with, so that both cost the same.
    decoy: Arc<str>,
}

/// Those who wait for their turn, of one queue.
#[derive(Debug)]
struct Waiting {
    places: Semaphore,
    /// The first of them asks for the lane, and nobody else of the queue: so the queues take turns.
    first: Semaphore,
    /// How many come from where.
    from: Mutex<HashMap<Option<IpAddr>, usize>>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { places: Semaphore::new(QUEUE), first: Semaphore::new(1), from: Mutex::default() }
    }
}

impl SlowHash {
    /// A lane that runs at most `parallel` hashes at once.
    pub(crate) fn new(parallel: usize, rng: &dyn Rng) -> Self {
        Self {
            running: Arc::new(Semaphore::new(parallel)),
            passwords: Waiting::default(),
            secrets: Waiting::default(),
            decoy: decoy(rng).into(),
        }
    }

    /// Whether `presented`, which came from `address`, is the secret behind `stored`; with `None` it costs the same and is
    /// not.
    pub(crate) async fn verify(
        &self,
        queue: Queue,
        presented: &Secret,
        stored: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<bool, Busy> {
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let presented = presented.clone();
        let matches =
            self.run(queue, address, move || verify(presented.expose().as_bytes(), &stored)).await?;
        Ok(matches && known)
    }

    /// The hash of a password that came from `address`, in PHC form.
    pub(crate) async fn hash(
        &self,
        password: &Secret,
        address: Option<IpAddr>,
        rng: Arc<dyn Rng>,
    ) -> Result<String, Busy> {
        let password = password.clone();
        self.run(Queue::Passwords, address, move || hash_secret(&password, &*rng)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        queue: Queue,
        address: Option<IpAddr>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let waiting = self.waiting(queue);
        let _share = waiting.share(address.map(subscriber))?;
        let _place = waiting.places.try_acquire().map_err(|_full| Busy)?;
        let first = waiting.first.acquire().await.map_err(|_closed| Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_closed| Busy)?;
        drop(first);
        tracing::trace!("slow hash");
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|_panic| Busy)
    }

    const fn waiting(&self, queue: Queue) -> &Waiting {
        match queue {
            Queue::Passwords => &self.passwords,
            Queue::Secrets => &self.secrets,
        }
    }
}

/// One of the places that an address may have; given back when dropped.
struct Share<'a> {
    waiting: &'a Waiting,
    address: Option<IpAddr>,
}

impl Waiting {
    fn share(&self, address: Option<IpAddr>) -> Result<Share<'_>, Busy> {
        let mut from = self.from.lock();
        let here = from.get(&address).copied().unwrap_or_default();
        if here >= QUEUE_OF_ADDRESS {
            return Err(Busy);
        }
        from.insert(address, here + 1);
        Ok(Share { waiting: self, address })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut from = self.waiting.from.lock();
        match from.get_mut(&self.address) {
            Some(here) if *here > 1 => *here -= 1,
            _ => drop(from.remove(&self.address)),
        }
    }
}

/// Whether a hash was made with today's parameters; one that was not is made anew when its secret is next shown.
pub(crate) fn is_current(stored: &str) -> bool {
    stored.starts_with(&parameters())
}

/// The argon2id hash of a password or short imported secret, in PHC form, with OWASP's parameters.
pub(crate) fn hash_secret(secret: &Secret, rng: &dyn Rng) -> String {
    hash(secret.expose().as_bytes(), rng)
}

/// Whether a hash in PHC form is of this secret; outside the lane, where no stranger asks.
pub(crate) fn is_secret(secret: &Secret, stored: &str) -> bool {
    verify(secret.expose().as_bytes(), stored)
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
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("{}{salt}${output}", parameters())
}

/// What every hash of today begins with.
fn parameters() -> String {
    let params = Argon2::default().params().clone();
    let (memory, time, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    format!("$argon2id$v=19$m={memory},t={time},p={lanes}$")
}

fn verify(secret: &[u8], stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(secret, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::Queue::{Passwords, Secrets};
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
        assert_eq!(lane.verify(Secrets, &secret, Some(&stored), None).await, Ok(true));
        assert_eq!(
            lane.verify(Secrets, &Secret::new("hunter3".to_owned()), Some(&stored), None).await,
            Ok(false)
        );
        assert_eq!(lane.verify(Secrets, &secret, None, None).await, Ok(false));
        assert_eq!(lane.verify(Secrets, &secret, Some("not a hash"), None).await, Ok(false));
    }

    #[tokio::test]
    async fn r104_one_address_does_not_fill_the_lane() {
        let lane = Arc::new(SlowHash::new(1, &SystemRng));
        let blocked = Arc::clone(&lane.running).acquire_owned().await.unwrap();
        let ask = |address: &str| {
            let (lane, address) = (Arc::clone(&lane), address.parse().ok());
            tokio::spawn(async move {
                lane.verify(Secrets, &Secret::new("hunter2".to_owned()), None, address).await
            })
        };
        let asked: Vec<_> = (0..QUEUE).map(|_| ask("203.0.113.7")).collect();
        while lane.secrets.places.available_permits() > QUEUE - QUEUE_OF_ADDRESS {
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
        assert!(lane.secrets.from.lock().is_empty());
    }

    /// Neither queue waits behind the whole of the other.
    #[tokio::test]
    async fn log_11_the_queues_take_turns() {
        let lane = Arc::new(SlowHash::new(1, &SystemRng));
        let blocked = Arc::clone(&lane.running).acquire_owned().await.unwrap();
        let done = Arc::new(Mutex::new(Vec::new()));
        let ask = |queue, n: u8| {
            let (lane, done) = (Arc::clone(&lane), Arc::clone(&done));
            let address = Some(IpAddr::from([203, 0, n, 7]));
            tokio::spawn(async move {
                lane.verify(queue, &Secret::new("hunter2".to_owned()), None, address).await.unwrap();
                done.lock().push(queue);
            })
        };
        let people: Vec<_> = (0..20).map(|n| ask(Passwords, n)).collect();
        while lane.passwords.places.available_permits() > QUEUE - people.len() {
            tokio::task::yield_now().await;
        }
        let client = ask(Secrets, 1);
        while lane.secrets.places.available_permits() == QUEUE {
            tokio::task::yield_now().await;
        }
        drop(blocked);
        client.await.unwrap();
        let before = done.lock().iter().position(|queue| *queue == Secrets);
        assert!(before.is_some_and(|before| before <= 3), "{before:?}");
        for person in people {
            person.await.unwrap();
        }
    }

    #[test]
    fn an_older_hash_is_told_from_todays() {
        assert!(is_current(&hash(b"hunter2", &SystemRng)));
        assert!(!is_current("$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHRzYWx0$aGFzaA"));
    }
}
