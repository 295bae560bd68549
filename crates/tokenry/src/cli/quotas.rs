//! A client's own mint quotas, as options and as they are shown.

use clap::Args;
use serde_json::Value;
use tokenry_model::MintQuota;

/// How many tokens a client may get.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct QuotaOptions {
    /// How many tokens it may get in an hour of UTC: a number, none, or default for what is configured.
    #[arg(long, value_name = "N|none|default", value_parser = own)]
    tokens_per_hour: Option<Own>,
    /// How many tokens it may get in a day of UTC, likewise.
    #[arg(long, value_name = "N|none|default", value_parser = own)]
    tokens_per_day: Option<Own>,
}

/// A quota of a client's own: `None` where it is as configured, 0 where it is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Own(Option<u32>);

impl QuotaOptions {
    /// What a new client gets.
    pub(crate) fn of_new_client(self) -> MintQuota {
        MintQuota { per_hour: self.per_hour().flatten(), per_day: self.per_day().flatten() }
    }

    /// What changes in an hour, if anything.
    pub(crate) fn per_hour(self) -> Option<Option<u32>> {
        self.tokens_per_hour.map(|own| own.0)
    }

    /// What changes in a day, if anything.
    pub(crate) fn per_day(self) -> Option<Option<u32>> {
        self.tokens_per_day.map(|own| own.0)
    }
}

/// How a client's own quota is shown; `None`: it has none of its own.
pub(crate) fn shown(own: Option<u32>) -> Option<Value> {
    match own {
        None => None,
        Some(0) => Some("none".into()),
        Some(limit) => Some(limit.into()),
    }
}

fn own(word: &str) -> Result<Own, String> {
    match word {
        "default" => Ok(Own(None)),
        "none" => Ok(Own(Some(0))),
        number => match number.parse() {
            Ok(0) | Err(_) => {
                Err(format!("it is a whole number from 1 to {}, \"none\" or \"default\"", u32::MAX))
            }
            Ok(limit) => Ok(Own(Some(limit))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_a_number_none_or_as_configured() {
        assert_eq!(own("7"), Ok(Own(Some(7))));
        assert_eq!(own("none"), Ok(Own(Some(0))));
        assert_eq!(own("default"), Ok(Own(None)));
        for wrong in ["", "0", "-1", "1.5", "many", "4294967296"] {
            assert!(own(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_says_which() {
        assert_eq!(shown(None), None);
        assert_eq!(shown(Some(0)), Some("none".into()));
        assert_eq!(shown(Some(7)), Some(7.into()));
    }
}
