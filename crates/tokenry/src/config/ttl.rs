//! A duration as people write it: `15m`, `24h`, `90d`.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A positive duration, kept with the text it was written as. A day is 24 hours.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", example = "24h")]
pub(crate) struct Ttl {
    text: String,
    duration: Duration,
}

impl Ttl {
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
        let problem = || format!("\"{text}\" is no duration; write it as 15m, 24h or 90d");
        let span: Span = text.parse().map_err(|_error| problem())?;
        let signed: SignedDuration =
            span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_error| problem())?;
        let duration = Duration::try_from(signed).map_err(|_negative| problem())?;
        if duration < Duration::from_secs(1) { Err(problem()) } else { Ok(Self { text, duration }) }
    }
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
    }
}
