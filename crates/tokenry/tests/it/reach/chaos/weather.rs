//! The weather between the guards and their server.

use std::time::Duration;

use tokenry_testkit::{Link, Weather};
use tokio::time::{Instant, sleep_until};

use super::rng::Rng;

/// Lets the weather change until `length` is over. Even a short run has a stream that becomes late, so slowly that no guard
/// gives it up, and one that ends.
pub(super) async fn change(link: &Link, mut rng: Rng, length: Duration) {
    let end = Instant::now() + length;
    let (late, later) = (rng.millis(1_200, 1_500), rng.millis(2_600, 2_900));
    let lasting =
        [(Weather::Clear, 2), (Weather::Late(late), 2), (Weather::Late(later), 3), (Weather::Cut, 2)];
    let mut first = lasting.into_iter();
    while Instant::now() < end {
        let (weather, duration) = match first.next() {
            Some((weather, seconds)) => (weather, Duration::from_secs(seconds)),
            None => (any(&mut rng), rng.millis(500, 3_000)),
        };
        link.turn(weather);
        sleep_until(end.min(Instant::now() + duration)).await;
    }
}

/// Good half of the time: there is no promise that bad weather could break where it never lets up.
fn any(rng: &mut Rng) -> Weather {
    match rng.below(12) {
        0 | 1 => Weather::Cut,
        2 | 3 => Weather::Late(rng.millis(0, 5_000)),
        4 => Weather::Silent,
        5 => Weather::Swapped,
        6 => Weather::NoEvents,
        _ => Weather::Clear,
    }
}
