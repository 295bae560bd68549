//! For how long a value works beside the one that has taken its place.

use std::time::Duration;

/// The shortest: none at all is another thing, which has a verb of its own.
const LEAST: Duration = Duration::from_secs(1);
/// The longest: nobody remembers it any more.
const MOST: Duration = Duration::from_secs(7 * 86_400);

/// Refuses an overlap that is none, or too long for what lives for `lifetime`, and says what would do.
pub(crate) fn check_overlap(overlap: Option<Duration>, lifetime: Duration) -> Result<(), String> {
    let longest = MOST.min(lifetime);
    if overlap.is_none_or(|overlap| (LEAST..=longest).contains(&overlap)) {
        return Ok(());
    }
    Err(if longest == MOST {
        "it must be between a second and seven days".to_owned()
    } else {
        format!("it must be between a second and the {} seconds that the token lives", longest.as_secs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a14_an_overlap_is_between_a_second_and_seven_days_and_no_longer_than_the_token_lives() {
        let (minute, week) = (Duration::from_secs(60), MOST);
        for (overlap, lifetime, fits) in [
            (None, minute, true),
            (Some(Duration::ZERO), week, false),
            (Some(Duration::from_millis(999)), week, false),
            (Some(LEAST), week, true),
            (Some(week), Duration::MAX, true),
            (Some(week + LEAST), Duration::MAX, false),
            (Some(minute), minute, true),
            (Some(minute + LEAST), minute, false),
        ] {
            assert_eq!(check_overlap(overlap, lifetime).is_ok(), fits, "{overlap:?} of {lifetime:?}");
        }
    }
}
