//! `[limits]`: how often somebody may fail, and how many tokens a client may get.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use tokenry_engine::GuessLimits;
use tokenry_model::MintQuota;
use toml::Value;

use super::shown::{quoted, shown};

/// The most names an address may fail with: each of them is kept.
const MAX_NAMES: u32 = 200;
/// A wish that is older than a year was meant.
const MAX_DAYS: u32 = 365;

/// `[limits]`: failures a minute, tokens an hour and a day; 0: any number.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Failed authentications of one client_id from one address.
    #[serde(deserialize_with = "number")]
    pub(crate) failures_per_client: u32,
    /// Names that fail from one address, before it is turned away as a whole; 200 at most.
    #[serde(deserialize_with = "names")]
    #[schemars(range(max = 200))]
    pub(crate) names_per_address: u32,
    /// Refused credentials that name nobody, from one address.
    #[serde(deserialize_with = "number")]
    pub(crate) refused_per_address: u32,
    /// Tokens that a client may get in an hour, unless it has a quota of its own.
    #[serde(deserialize_with = "number")]
    pub(crate) tokens_per_hour: u32,
    /// Tokens that a client may get in a day, unless it has a quota of its own.
    #[serde(deserialize_with = "number")]
    pub(crate) tokens_per_day: u32,
}

impl Limits {
    /// What the engine acts on.
    pub(crate) const fn guesses(&self) -> GuessLimits {
        GuessLimits {
            failures_per_client: self.failures_per_client,
            names_per_address: self.names_per_address,
            refused_per_address: self.refused_per_address,
        }
    }

    /// What holds for clients without a quota of their own.
    pub(crate) const fn quota(&self) -> MintQuota {
        MintQuota { per_hour: Some(self.tokens_per_hour), per_day: Some(self.tokens_per_day) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let GuessLimits { failures_per_client, names_per_address, refused_per_address } =
            GuessLimits::default();
        Self {
            failures_per_client,
            names_per_address,
            refused_per_address,
            tokens_per_hour: 0,
            tokens_per_day: 0,
        }
    }
}

/// A number; in the environment, its digits.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let refuse = |written: String| {
        serde::de::Error::custom(format!("{written} is no whole number from 0 to {}", u32::MAX))
    };
    match Value::deserialize(from)? {
        Value::Integer(number) => u32::try_from(number).map_err(|_| refuse(number.to_string())),
        Value::String(text) => text.trim().parse().map_err(|_| refuse(quoted(&text))),
        other => Err(refuse(shown(&other.to_string()))),
    }
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match number(from)? {
        names @ ..=MAX_NAMES => Ok(names),
        more => Err(serde::de::Error::custom(format!("{more} is too many; {MAX_NAMES} at most, or 0"))),
    }
}

/// Days, up to a year.
pub(super) fn days<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match number(from)? {
        days @ ..=MAX_DAYS => Ok(days),
        more => Err(serde::de::Error::custom(format!("{more} is too many; {MAX_DAYS} at most, or 0"))),
    }
}

#[cfg(test)]
mod tests {
    use tokenry_model::QuotaPeriod;

    use crate::config::ConfigError;
    use crate::config::load::parse;

    use super::*;

    fn read(limits: &str, env: Option<&str>) -> Result<GuessLimits, ConfigError> {
        let text = format!("issuer = \"https://id.example.com\"\n[limits]\n{limits}\n");
        let env = |name: &str| env.filter(|_| name == "TOKENRY_LIMITS_NAMES_PER_ADDRESS").map(str::to_owned);
        parse(&text, &env).map(|config| config.limits.guesses())
    }

    #[test]
    fn what_is_not_set_is_as_ever_and_zero_is_no_limit() {
        assert_eq!(read("", None).unwrap(), GuessLimits::default());
        let off = read("failures_per_client = 0\nrefused_per_address = 0", Some("0")).unwrap();
        assert_eq!(off, GuessLimits::NONE);
        assert_eq!(read("names_per_address = 7", Some(" 9 ")).unwrap().names_per_address, 9);
    }

    #[test]
    fn quotas_are_off_until_somebody_says_otherwise() {
        let quota = |limits: &str| {
            let text = format!("issuer = \"https://id.example.com\"\n[limits]\n{limits}\n");
            parse(&text, &|_name| None).unwrap().limits.quota()
        };
        let periods = [QuotaPeriod::Hour, QuotaPeriod::Day];
        assert_eq!(periods.map(|period| quota("").limit(period)), [None, None]);
        let both = "tokens_per_hour = 100\ntokens_per_day = \"2000\"";
        assert_eq!(periods.map(|period| quota(both).limit(period)), [Some(100), Some(2_000)]);
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (limits, env, said) in [
            (
                "failures_per_client = -1",
                None,
                "limits.failures_per_client: -1 is no whole number from 0 to 4294967295",
            ),
            (
                "refused_per_address = \"many\"",
                None,
                "limits.refused_per_address: \"many\" is no whole number from 0 to 4294967295",
            ),
            (
                "failures_per_client = 1.5",
                None,
                "limits.failures_per_client: 1.5 is no whole number from 0 to 4294967295",
            ),
            (
                "",
                Some("201"),
                "limits.names_per_address: 201 is too many; 200 at most, or 0 (as TOKENRY_LIMITS_NAMES_PER_ADDRESS has it)",
            ),
        ] {
            assert_eq!(read(limits, env).unwrap_err().to_string(), said);
        }
    }
}
