//! When a client asks for tokens far more often than their lifetime calls for: it keeps none, which is the usual mistake.

use std::time::Duration;

/// How many tokens for the same thing may live at once. A job that runs on a dozen machines, each of which renews
/// early, has fewer.
const MANY: u128 = 24;

/// Whether so many tokens within `period`, each valid for `ttl`, are too many. They were for so many different things:
/// of a secret, a grant and a company each.
pub(crate) fn over_mints(tokens: u64, things: u64, ttl: Duration, period: Duration) -> bool {
    let (ttl, period) = (ttl.min(period).as_millis(), period.as_millis());
    u128::from(tokens) * ttl > MANY * u128::from(things.max(1)) * period
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const HOUR: Duration = Duration::from_secs(3_600);
    const DAY: Duration = Duration::from_secs(86_400);
    const MONTH: Duration = Duration::from_secs(30 * 86_400);

    #[rstest]
    #[case::one_a_day(1, 1, DAY, false)]
    #[case::a_dozen_machines_that_restart_daily(24, 1, DAY, false)]
    #[case::one_for_each_call(1_204, 1, DAY, true)]
    #[case::a_company_each(1_204, 602, DAY, false)]
    #[case::nothing_kept_for_any_company(60_000, 602, DAY, true)]
    #[case::renewed_each_hour(24, 1, HOUR, false)]
    #[case::hourly_tokens_a_minute_apart(1_440, 1, HOUR, true)]
    #[case::five_minutes(288, 1, Duration::from_secs(300), false)]
    #[case::longer_than_a_day(25, 1, MONTH, true)]
    #[case::none(0, 0, DAY, false)]
    fn a_client_that_keeps_its_tokens_is_told_from_one_that_does_not(
        #[case] tokens: u64,
        #[case] things: u64,
        #[case] ttl: Duration,
        #[case] over: bool,
    ) {
        assert_eq!(over_mints(tokens, things, ttl, DAY), over);
    }
}
