//! When keys move on by themselves: a pure function of stored instants, what the process has seen of them, and the clock.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, SigningKeyRecord};

use super::sightings::Sightings;

/// How long a key that verifies nothing any more is kept: a clock that ran ahead for a while then costs no token.
const KEPT_AFTER: Duration = Duration::from_secs(86_400);

/// How long a process itself has seen the next key published, before it lets it sign by schedule.
const SEEN_FOR: Duration = Duration::from_secs(3_600);
/// With so many published keys of one algorithm the schedule stops: an operator may need the rest.
const MOST_BY_SCHEDULE: usize = 40;

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
    /// The algorithms whose active key has signed long enough and whose pending key has been published long enough, as
    /// far as this process has seen that itself: processes whose clocks differ must not make each other's keys look old.
    pub(super) fn due(
        &self,
        keys: &[SigningKeyRecord],
        sightings: &Sightings,
        now: Timestamp,
    ) -> Vec<Algorithm> {
        let ready = |algorithm| {
            keys.iter().filter(|key| key.algorithm == algorithm && key.state == KeyState::Pending).any(
                |key| {
                    let seen = sightings.published_since(&key.kid).map(|since| apart(since, now));
                    apart(key.created_at, now) >= self.publish_before
                        && seen.is_some_and(|seen| seen >= self.publish_before.min(SEEN_FOR))
                },
            )
        };
        let published = |algorithm| {
            let own = keys.iter().filter(|key| key.algorithm == algorithm);
            own.filter(|key| key.state.is_published_at(now)).count()
        };
        let due = keys.iter().filter(|key| match key.state {
            KeyState::Active { since } => {
                apart(sightings.active_since(&key.kid, since), now) >= self.rotate_every
            }
            KeyState::Pending | KeyState::Retired { .. } => false,
        });
        due.map(|key| key.algorithm)
            .filter(|algorithm| ready(*algorithm) && published(*algorithm) < MOST_BY_SCHEDULE)
            .collect()
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

    const fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    /// A key that signs and one that is next.
    fn pair(since: i64, created_at: i64) -> [SigningKeyRecord; 2] {
        [key("a", KeyState::Active { since: at(since) }, since), key("p", KeyState::Pending, created_at)]
    }

    /// A process that saw both of them at `first`, as they are.
    fn seen(first: i64) -> Sightings {
        Sightings::default().with(pair(0, 0).iter(), at(first))
    }

    fn key(kid: &str, state: KeyState, created_at: i64) -> SigningKeyRecord {
        SigningKeyRecord {
            kid: kid.to_owned(),
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
        let found = Schedule::default().due(&pair(NOW - signs_for, NOW - published_for), &seen(0), at(NOW));
        assert_eq!(found, if due { vec![Algorithm::EdDsa] } else { vec![] });
    }

    /// Whose clock is far off writes dates that make fresh keys look old.
    #[rstest]
    #[case::never(None, false)]
    #[case::not_for_long(Some(HOUR - 1), false)]
    #[case::for_an_hour(Some(HOUR), true)]
    fn the_next_key_must_have_been_seen_by_this_process(#[case] seen_for: Option<i64>, #[case] due: bool) {
        let sightings = seen_for.map(|ago| seen(NOW - ago)).unwrap_or_default();
        let keys = pair(NOW - 90 * DAY, NOW - 90 * DAY);
        assert_eq!(!Schedule::default().due(&keys, &sightings, at(NOW)).is_empty(), due);
        let hasty = Schedule { publish_before: Duration::from_secs(60), ..Schedule::default() };
        let minute = seen(NOW - 60);
        assert_eq!(hasty.due(&keys, &minute, at(NOW)), [Algorithm::EdDsa], "no longer than it is published");
    }

    #[test]
    fn who_saw_a_key_begin_to_sign_goes_by_that() {
        let before = [key("a", KeyState::Pending, NOW - 400 * DAY)];
        let began = pair(NOW - 400 * DAY, NOW - 400 * DAY);
        let sightings = Sightings::default().with(before.iter(), at(NOW)).with(began.iter(), at(NOW));
        let due = |now: i64| Schedule::default().due(&began, &sightings, at(now));
        assert_eq!(due(NOW + 89 * DAY), []);
        assert_eq!(due(NOW + 90 * DAY), [Algorithm::EdDsa]);
    }

    #[test]
    fn the_schedule_leaves_an_operator_some_room() {
        let mut keys = pair(NOW - 90 * DAY, NOW - 90 * DAY).to_vec();
        let retired = KeyState::Retired { since: at(NOW - DAY), verifies_until: at(NOW + 1) };
        keys.extend((0..37).map(|_| key("r", retired, 0)));
        let due = |keys: &[SigningKeyRecord], now| Schedule::default().due(keys, &seen(0), at(now)).len();
        assert_eq!(due(&keys, NOW), 1);
        let other = SigningKeyRecord { algorithm: Algorithm::Ps256, ..key("o", retired, 0) };
        keys.push(other);
        assert_eq!(due(&keys, NOW), 1, "each algorithm by itself");
        keys.push(key("r", retired, 0));
        assert_eq!((due(&keys, NOW), due(&keys, NOW + 1)), (0, 1));
    }

    #[test]
    fn nothing_is_due_without_a_next_key() {
        let keys = [key("a", KeyState::Active { since: at(0) }, 0)];
        assert_eq!(Schedule::default().due(&keys, &seen(0), at(NOW)), []);
    }

    #[test]
    fn only_what_has_ended_a_day_ago_is_removed() {
        let retired = KeyState::Retired { since: at(NOW - 9 * DAY), verifies_until: at(NOW) };
        assert!(!may_remove(retired, at(NOW)));
        assert!(!may_remove(retired, at(NOW + DAY - 1)));
        assert!(may_remove(retired, at(NOW + DAY)));
        for kept in [KeyState::Pending, KeyState::Active { since: at(0) }] {
            assert!(!may_remove(kept, at(NOW)));
        }
    }
}
