//! A mint quota: how many access tokens a client may get in an hour and in a day.

use std::time::Duration;

use tokenry_clock::Timestamp;

use crate::text_enum::text_enum;

text_enum! {
    /// What a quota is counted in: hours and days of UTC, so that they begin for every replica at the same instant.
    QuotaPeriod, "quota period" {
        /// A day, from midnight on.
        Day = "day",
        /// An hour, from its beginning on.
        Hour = "hour",
    }
}

impl QuotaPeriod {
    /// How long it is.
    #[must_use]
    pub const fn length(self) -> Duration {
        match self {
            Self::Day => Duration::from_secs(86_400),
            Self::Hour => Duration::from_secs(3_600),
        }
    }

    /// When the period that `now` is in began.
    #[must_use]
    pub fn beginning(self, now: Timestamp) -> Timestamp {
        let length = i64::try_from(self.length().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.as_millis() - now.as_millis().rem_euclid(length))
    }
}

/// How many access tokens a client may get. What is `None` is not said here; 0 is any number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MintQuota {
    /// In an hour.
    pub per_hour: Option<u32>,
    /// In a day.
    pub per_day: Option<u32>,
}

impl MintQuota {
    /// What is said here, and otherwise what `default` says.
    #[must_use]
    pub fn or(self, default: Self) -> Self {
        Self { per_hour: self.per_hour.or(default.per_hour), per_day: self.per_day.or(default.per_day) }
    }

    /// How many in such a period; `None`: any number.
    #[must_use]
    pub fn limit(self, period: QuotaPeriod) -> Option<u32> {
        let limit = match period {
            QuotaPeriod::Day => self.per_day,
            QuotaPeriod::Hour => self.per_hour,
        };
        limit.filter(|limit| *limit > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_with_the_hour_and_the_day() {
        let at = Timestamp::from_millis(1_795_165_323_004); // 2026-11-20T09:02:03.004Z
        assert_eq!(QuotaPeriod::Hour.beginning(at), Timestamp::from_secs(1_795_165_200));
        assert_eq!(QuotaPeriod::Day.beginning(at), Timestamp::from_secs(1_795_132_800));
        assert_eq!(QuotaPeriod::Day.beginning(Timestamp::from_secs(-1)), Timestamp::from_secs(-86_400));
    }

    #[test]
    fn a_clients_own_quota_goes_before_the_default_and_none_is_one_too() {
        let own = MintQuota { per_hour: Some(0), per_day: None };
        let both = own.or(MintQuota { per_hour: Some(5), per_day: Some(7) });
        assert_eq!((both.limit(QuotaPeriod::Hour), both.limit(QuotaPeriod::Day)), (None, Some(7)));
        assert_eq!(MintQuota::default().limit(QuotaPeriod::Day), None);
    }
}
