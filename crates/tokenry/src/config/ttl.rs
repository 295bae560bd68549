//! A duration as people write it: `15m`, `24h`, `90d`.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shown::quoted;
use super::suggest::nearest;

/// A positive duration, kept with the text it was written as. A day is 24 hours.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", example = "24h")]
pub(crate) struct Ttl {
    text: String,
    duration: Duration,
}

impl Ttl {
    /// So many seconds.
    #[must_use]
    pub(crate) fn from_secs(secs: u64) -> Self {
        Self { text: format!("{secs}s"), duration: Duration::from_secs(secs) }
    }

    /// So many minutes.
    #[must_use]
    pub(crate) fn from_minutes(minutes: u64) -> Self {
        Self { text: format!("{minutes}m"), duration: Duration::from_secs(minutes * 60) }
    }

    /// So many hours.
    #[must_use]
    pub(crate) fn from_hours(hours: u64) -> Self {
        Self { text: format!("{hours}h"), duration: Duration::from_secs(hours * 3_600) }
    }

    /// So many days.
    #[must_use]
    pub(crate) fn from_days(days: u64) -> Self {
        Self { text: format!("{days}d"), duration: Duration::from_secs(days * 86_400) }
    }

    /// The duration.
    #[must_use]
    pub(crate) const fn duration(&self) -> Duration {
        self.duration
    }
}

impl TryFrom<String> for Ttl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let problem = || {
            let says = format!("{} is no duration", quoted(&text));
            match meant(&text) {
                Some(meant) => format!("{says}; did you mean {meant}?"),
                None => format!("{says}; write it as 15m, 24h or 90d"),
            }
        };
        let span: Span = text.parse().map_err(|_error| problem())?;
        let signed: SignedDuration =
            span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_error| problem())?;
        let duration = Duration::try_from(signed).map_err(|_negative| problem())?;
        if duration < Duration::from_secs(1) { Err(problem()) } else { Ok(Self { text, duration }) }
    }
}

/// A number with a unit that is nearly one.
fn meant(text: &str) -> Option<String> {
    const UNITS: [&str; 12] =
        ["s", "sec", "seconds", "m", "min", "minutes", "h", "hrs", "hours", "d", "day", "days"];
    let text = text.trim().to_lowercase();
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    if ["ms", "us", "ns"].contains(&unit) {
        return None;
    }
    let unit = nearest(unit, UNITS)?;
    Some(format!("{number}{}", unit.chars().next()?))
}

impl std::str::FromStr for Ttl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

impl From<Ttl> for String {
    fn from(ttl: Ttl) -> Self {
        ttl.text
    }
}

impl Display for Ttl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, secs) in [("15m", 900), ("24h", 86_400), ("90d", 7_776_000), ("1h 30m", 5_400)] {
            assert_eq!(text.parse::<Ttl>().unwrap().duration().as_secs(), secs, "{text}");
        }
        for bad in ["", "10", "-5m", "0s", "1 month", "soon", "10ms"] {
            assert!(bad.parse::<Ttl>().is_err(), "{bad:?}");
        }
        for (bad, says) in [
            ("24hh", "did you mean 24h?"),
            ("90dys", "did you mean 90d?"),
            ("15 mintues", "did you mean 15m?"),
            ("10", "write it as"),
            ("0dd", "write it as"),
            ("10ms", "write it as"),
            ("99999999999999999999hh", "write it as"),
        ] {
            let problem = bad.parse::<Ttl>().unwrap_err();
            assert!(problem.contains(says) && problem.contains(bad), "{problem}");
        }
    }
}
