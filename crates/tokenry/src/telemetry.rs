//! Logs: for people on a terminal, JSON elsewhere, always on stderr, and of each line so many in a second at the most.

mod flood;

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use tokio::time::interval;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FilterExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::env;
use crate::output::talk;

/// Starts logging at `default`, unless the environment says otherwise.
pub(crate) fn start(default: &str) {
    let asked = env::read(env::LOG).map(EnvFilter::try_new);
    let filter = match asked {
        Some(Ok(filter)) => filter,
        Some(Err(error)) => {
            talk(&format!("{} is no filter ({error}); logging {default}", env::LOG));
            EnvFilter::new(default)
        }
        None => EnvFilter::new(default),
    };
    let lines = if stderr().is_terminal() {
        let colours = env::read(env::NO_COLOR).is_none();
        fmt::layer().with_writer(stderr).with_ansi(colours).boxed()
    } else {
        fmt::layer().with_writer(stderr).json().flatten_event(true).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.and(flood::Bounded::of_the_process())))
        .init();
}

/// Says once a second which lines were left out, for as long as it is polled.
pub(crate) async fn tell_what_is_left_out() {
    let mut ticks = interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        flood::tell();
    }
}
