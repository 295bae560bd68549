//! What clients that are answered in Auth0's words are told of limits, in Auth0's header fields. Others are told
//! `Retry-After`, which is all that is standard: the `RateLimit` fields of the IETF are a draft. And what guards are told beside it.

use http::{HeaderMap, HeaderName, HeaderValue};
use tokenry_engine::{Exceeded, QuotaStanding};
use tokenry_model::{ErrorStyle, QuotaPeriod};
use tokenry_protocol::introspection;

const CLIENT_QUOTA: HeaderName = HeaderName::from_static("auth0-client-quota-limit");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How a client stands with its quotas, such as `b=per_hour;q=10;r=7;t=3540`: bucket, quota, what remains, seconds to
/// the next period. Nothing for a client without quotas.
pub(crate) fn tell_quotas(headers: &mut HeaderMap, style: ErrorStyle, quotas: &[QuotaStanding]) {
    if style == ErrorStyle::Rfc || quotas.is_empty() {
        return;
    }
    let told: Vec<_> = quotas.iter().map(bucket).collect();
    let told = HeaderValue::from_str(&told.join(",")).expect("letters, digits and signs of ASCII");
    headers.insert(CLIENT_QUOTA, told);
}

/// It is what was asked about that is limited, and not who asks.
pub(crate) fn tell_credential(headers: &mut HeaderMap) {
    let value = HeaderValue::from_static(introspection::LIMITED_CREDENTIAL);
    headers.insert(HeaderName::from_static(introspection::LIMITED), value);
}

/// The quota that was used up.
pub(crate) fn tell_exceeded(headers: &mut HeaderMap, style: ErrorStyle, exceeded: &Exceeded) {
    if style == ErrorStyle::Rfc {
        return;
    }
    tell_quotas(headers, style, &exceeded.quotas);
    headers.insert(LIMIT, exceeded.limit.into());
    headers.insert(REMAINING, 0.into());
    headers.insert(RESET, exceeded.resets_at.as_secs().into());
}

fn bucket(quota: &QuotaStanding) -> String {
    let name = match quota.period {
        QuotaPeriod::Day => "per_day",
        QuotaPeriod::Hour => "per_hour",
    };
    let seconds = quota.resets_in.as_millis().div_ceil(1_000);
    format!("b={name};q={};r={};t={seconds}", quota.limit, quota.remaining)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokenry_clock::Timestamp;

    use super::*;

    fn quotas() -> Vec<QuotaStanding> {
        let hour = QuotaStanding {
            period: QuotaPeriod::Hour,
            limit: 10,
            remaining: 7,
            resets_in: Duration::from_millis(3_539_001),
        };
        let day =
            QuotaStanding { period: QuotaPeriod::Day, limit: 100, remaining: 0, resets_in: Duration::ZERO };
        vec![hour, day]
    }

    fn exceeded(style: ErrorStyle) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let resets_at = Timestamp::from_secs(1_795_165_200);
        tell_exceeded(&mut headers, style, &Exceeded { limit: 100, resets_at, quotas: quotas() });
        headers
    }

    #[test]
    fn auth0s_fields_stand_as_auth0_writes_them() {
        let headers = exceeded(ErrorStyle::Auth0);
        let told = "b=per_hour;q=10;r=7;t=3540,b=per_day;q=100;r=0;t=0";
        assert_eq!(headers[CLIENT_QUOTA], told);
        assert_eq!(
            (&headers[LIMIT], &headers[REMAINING], &headers[RESET]),
            (
                &HeaderValue::from_static("100"),
                &HeaderValue::from_static("0"),
                &HeaderValue::from_static("1795165200"),
            )
        );
    }

    #[test]
    fn others_are_told_nothing_more_and_neither_is_a_client_without_quotas() {
        assert!(exceeded(ErrorStyle::Rfc).is_empty());
        let mut headers = HeaderMap::new();
        tell_quotas(&mut headers, ErrorStyle::Auth0, &[]);
        tell_quotas(&mut headers, ErrorStyle::Rfc, &quotas());
        assert!(headers.is_empty());
    }
}
