//! When keys move on by themselves: a pure function of stored instants and the clock, so that a restart changes nothing.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, SigningKeyRecord};

/// How long a key that verifies nothing any more is kept: a clock that ran ahead for a while then costs no token.
const KEPT_AFTER: Duration = Duration::from_secs(86_400);

/// When keys move on by themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// How long a key signs.
    pub rotate_every: Duration,
    /// How long the next key is published before the schedule lets it sign. An operator's command does not wait for it.
    pub publish_before: Duration,
}

impl Default for Schedule {
    /// Every 90 days, published a day before.
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self { rotate_every: days(90), publish_before: days(1) }
    }
}

impl Schedule {
    /// The algorithms whose active key has signed long enough and whose pending key has been published long enough.
    pub(super) fn due<'k>(
        &self,
        keys: impl Iterator<Item = &'k SigningKeyRecord> + Clone,
        now: Timestamp,
    ) -> impl Iterator<Item = Algorithm> {
        let pending = keys.clone().filter(|key| key.state == KeyState::Pending);
        let ready: Vec<_> = pending
            .filter(|key| apart(key.created_at, now) >= self.publish_before)
            .map(|key| key.algorithm)
            .collect();
        keys.filter(move |key| match key.state {
            KeyState::Active { since } => apart(since, now) >= self.rotate_every,
            KeyState::Pending | KeyState::Retired { .. } => false,
        })
        .map(|key| key.algorithm)
        .filter(move |algorithm| ready.contains(algorithm))
    }
}

/// Whether a key is of no use any more.
pub(super) fn may_remove(state: KeyState, now: Timestamp) -> bool {
    match state {
        KeyState::Active { .. } | KeyState::Pending => false,
        KeyState::Retired { verifies_until, .. } => verifies_until <= removable_at(now),
    }
}

/// Keys that verified nothing from then on may be removed at `now`.
pub(super) fn removable_at(now: Timestamp) -> Timestamp {
    now.minus(KEPT_AFTER)
}

/// How far apart two instants are. An instant in the future is a clock that was set back: were its distance taken for
/// zero, one wrong date would stop the schedule until that date.
fn apart(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    const NOW: i64 = 1_000 * DAY;

    fn key(state: KeyState, created_at: i64) -> SigningKeyRecord {
        SigningKeyRecord {
            kid: "kid".to_owned(),
            algorithm: Algorithm::EdDsa,
            state,
            public_jwk: String::new(),
            wrapped_private: Vec::new(),
            data_key_id: String::new(),
            created_at: Timestamp::from_secs(created_at),
        }
    }

    #[rstest]
    #[case::both_are_old_enough(90 * DAY, DAY, true)]
    #[case::it_signs_for_less(90 * DAY - 1, DAY, false)]
    #[case::the_next_is_too_young(90 * DAY, DAY - 1, false)]
    #[case::it_was_never_due_before_a_long_stop(400 * DAY, 400 * DAY, true)]
    #[case::the_clock_went_back_a_little(-HOUR, -HOUR, false)]
    #[case::the_clock_came_back_from_far(-400 * DAY, -400 * DAY, true)]
    fn the_schedule_goes_by_both_keys(#[case] signs_for: i64, #[case] published_for: i64, #[case] due: bool) {
        let since = Timestamp::from_secs(NOW - signs_for);
        let keys =
            [key(KeyState::Active { since }, NOW - signs_for), key(KeyState::Pending, NOW - published_for)];
        let found: Vec<_> = Schedule::default().due(keys.iter(), Timestamp::from_secs(NOW)).collect();
        assert_eq!(found, if due { vec![Algorithm::EdDsa] } else { vec![] });
    }

    #[test]
    fn nothing_is_due_without_a_next_key() {
        let since = Timestamp::from_secs(0);
        let keys = [key(KeyState::Active { since }, 0)];
        assert_eq!(Schedule::default().due(keys.iter(), Timestamp::from_secs(NOW)).count(), 0);
    }

    #[test]
    fn only_what_has_ended_a_day_ago_is_removed() {
        let at = Timestamp::from_secs;
        let retired = KeyState::Retired { since: at(NOW - 9 * DAY), verifies_until: at(NOW) };
        assert!(!may_remove(retired, at(NOW)));
        assert!(!may_remove(retired, at(NOW + DAY - 1)));
        assert!(may_remove(retired, at(NOW + DAY)));
        for kept in [KeyState::Pending, KeyState::Active { since: at(0) }] {
            assert!(!may_remove(kept, at(NOW)));
        }
    }
}
