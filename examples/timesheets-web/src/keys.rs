//! The authorization server's keys, kept for a while: strangers who post forged tokens do not make us ask for them each time.
//!
//! 1. A set serves for five minutes, if it has the key that is asked for.
//! 2. Otherwise there is another look, unless there was one within half a minute: strangers choose the `kid`. It is the rule that
//!    `tokenry-guard` has for access tokens, the only ones that it reads.
//! 3. One look at a time. Who waits for it looks into what it brought.

use anyhow::bail;
use tokenry_jose::{Jwk, JwkSet};
use tokio::sync::Mutex;

/// How long a set serves, in seconds: a key that was revoked is believed for no longer.
const SERVES: i64 = 300;
/// Between two looks, in seconds, whatever comes of them.
const INTERVAL: i64 = 30;

/// The keys, as they were published.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The last good set, and when it was asked for.
    set: Option<(JwkSet, i64)>,
    /// When there was a look, well or not.
    looked_at: Option<i64>,
}

impl Keys {
    /// The key of that name; `None`: the authorization server has none. `look` fetches the set.
    ///
    /// # Errors
    /// When it cannot be told now: there is no set that is new enough, or the last look was too short ago.
    pub(crate) async fn find(
        &self,
        kid: &str,
        now: i64,
        look: impl AsyncFnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<Option<Jwk>> {
        let mut known = self.0.lock().await;
        if let Some((set, at)) = &known.set
            && is_within(SERVES, *at, now)
            && let Some(key) = set.find(kid)
        {
            return Ok(Some(key.clone()));
        }
        if known.looked_at.is_some_and(|at| is_within(INTERVAL, at, now)) {
            bail!("a key is not known, and the keys were asked for a moment ago");
        }
        known.looked_at = Some(now);
        let set = JwkSet::parse(&look().await?)?;
        let key = set.find(kid).cloned();
        known.set = Some((set, now));
        Ok(key)
    }
}

/// Whether `now` is less than so many seconds after `at`. A clock that was set back ends neither rest nor looking.
fn is_within(seconds: i64, at: i64, now: i64) -> bool {
    (0..seconds).contains(&(now - at))
}

#[cfg(test)]
mod tests {
    use tokenry_jose::{Algorithm, SigningKey};

    use super::*;

    /// Keys that are published, and how often they were looked at.
    struct Published {
        key: SigningKey,
        looks: std::cell::Cell<usize>,
    }

    impl Published {
        async fn find(&self, keys: &Keys, kid: &str, now: i64) -> Result<bool, String> {
            let look = async || {
                self.looks.set(self.looks.get() + 1);
                let set = JwkSet::new(vec![self.key.public_jwk().clone()])?;
                if now == 1_000 { bail!("they are down") } else { Ok(set.to_json().into_bytes()) }
            };
            let found = keys.find(kid, now, look).await;
            found.map(|key| key.is_some()).map_err(|error| error.to_string())
        }
    }

    #[tokio::test]
    async fn key_07_unknown_names_are_no_reason_to_look_again_and_again() {
        let (key, _pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
        let (kid, published) = (key.kid().to_owned(), Published { key, looks: 0.into() });
        let keys = Keys::default();
        assert_eq!(published.find(&keys, "x", 0).await, Ok(false), "nobody has it");
        for second in 0..30 {
            assert!(published.find(&keys, "y", second).await.is_err(), "it cannot be told yet");
            assert_eq!(published.find(&keys, &kid, second).await, Ok(true), "what is known serves");
        }
        assert_eq!(published.looks.get(), 1);
        assert_eq!(published.find(&keys, "y", 30).await, Ok(false));
        assert_eq!(published.find(&keys, &kid, 329).await, Ok(true));
        assert_eq!(published.looks.get(), 2);
        assert_eq!(published.find(&keys, &kid, 330).await, Ok(true));
        assert_eq!(published.looks.get(), 3, "and not for ever");
        assert_eq!(published.find(&keys, &kid, 5).await, Ok(true), "also if the clock was set back");

        assert!(published.find(&keys, &kid, 1_000).await.is_err());
        assert!(published.find(&keys, &kid, 1_029).await.is_err(), "also where it failed");
        assert_eq!(published.looks.get(), 5);
        assert_eq!(published.find(&keys, &kid, 1_030).await, Ok(true));
    }
}
