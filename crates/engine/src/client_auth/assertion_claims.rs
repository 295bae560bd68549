//! What a client assertion must say: RFC 7523 §3, in its order, and stricter where it leaves room.

use std::time::Duration;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;

/// By how much a client's clock may be off, either way.
const LEEWAY: Duration = Duration::from_secs(60);
/// How far ahead `exp` may lie: one that leaks is of no use for longer, and none is remembered for longer.
const MAX_LIFETIME: Duration = Duration::from_secs(600);
/// The longest `jti`, in bytes.
const MAX_JTI: usize = 256;
/// 9999-12-31T23:59:59Z: a later instant is a mistake or an attack on someone's arithmetic.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// An assertion that says what it must.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Accepted {
    /// Names it among its client's.
    pub(super) jti: String,
    /// When nobody takes it any more.
    pub(super) ends_at: Timestamp,
}

/// Why what an assertion says will not do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unfit {
    /// `aud` is not this issuer alone, as a string.
    Audience,
    /// One of `iss`, `sub`, `aud`, `exp` and `jti` is missing, or a claim is of the wrong form.
    Claim,
    /// `nbf` or `iat` lies in the future.
    Early,
    /// It is a token of another kind.
    Kind,
    /// `exp` has passed.
    Late,
    /// `exp` is too far ahead.
    Long,
    /// `iss` and `sub` are not both the client.
    Subject,
}

impl Unfit {
    /// The stable word for log, metric and audit.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Audience => "assertion_audience_wrong",
            Self::Claim => "assertion_claim_missing",
            Self::Early => "assertion_not_yet_valid",
            Self::Kind => "assertion_kind_wrong",
            Self::Late => "assertion_expired",
            Self::Long => "assertion_lives_too_long",
            Self::Subject => "assertion_subject_wrong",
        }
    }
}

/// Checks the claims of an assertion that `client_id` signed.
pub(super) fn check(
    claims: &Map<String, Value>,
    client_id: &str,
    issuer: &str,
    now: Timestamp,
) -> Result<Accepted, Unfit> {
    // A request object is signed with the same keys for the same audience (RFC 9101 §4, §10.8).
    if claims.contains_key("response_type") {
        return Err(Unfit::Kind);
    }
    if text(claims, "iss")? != client_id || text(claims, "sub")? != client_id {
        return Err(Unfit::Subject);
    }
    // A list, even of one, could be for others too; an endpoint's address may be one that another server gave out.
    if claims.get("aud").ok_or(Unfit::Claim)? != issuer {
        return Err(Unfit::Audience);
    }
    let ends_at = date(claims, "exp")?.ok_or(Unfit::Claim)?.plus(LEEWAY);
    if now >= ends_at {
        return Err(Unfit::Late);
    }
    if ends_at > now.plus(MAX_LIFETIME).plus(LEEWAY).plus(LEEWAY) {
        return Err(Unfit::Long);
    }
    for name in ["nbf", "iat"] {
        if date(claims, name)?.is_some_and(|from| from > now.plus(LEEWAY)) {
            return Err(Unfit::Early);
        }
    }
    let jti = text(claims, "jti")?;
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(Unfit::Claim);
    }
    Ok(Accepted { jti: jti.to_owned(), ends_at })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, Unfit> {
    claims.get(name).and_then(Value::as_str).ok_or(Unfit::Claim)
}

/// Seconds since 1970, not necessarily whole (RFC 7519 §2), if the claim is there.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Unfit> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    match value.as_f64() {
        Some(seconds) if (0.0..=LAST_SECOND).contains(&seconds) => {
            // In bounds, where a f64 is exact to the millisecond and far beyond.
            Ok(Some(Timestamp::from_millis((seconds * 1_000.0) as i64)))
        }
        _ => Err(Unfit::Claim),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);
    const ISSUER: &str = "https://id.example.com";

    fn good() -> Map<String, Value> {
        let claims = json!({"iss": "cron", "sub": "cron", "aud": ISSUER, "exp": 1_000_060, "jti": "a"});
        claims.as_object().unwrap().clone()
    }

    fn with(name: &str, value: Value) -> Result<Accepted, Unfit> {
        let mut claims = good();
        claims.insert(name.to_owned(), value);
        check(&claims, "cron", ISSUER, NOW)
    }

    #[test]
    fn tok_21_each_claim_is_needed() {
        let ends_at = Timestamp::from_secs(1_000_120);
        assert_eq!(check(&good(), "cron", ISSUER, NOW), Ok(Accepted { jti: "a".to_owned(), ends_at }));
        for name in ["iss", "sub", "aud", "exp", "jti"] {
            let mut claims = good();
            claims.remove(name);
            assert_eq!(check(&claims, "cron", ISSUER, NOW), Err(Unfit::Claim), "{name}");
            assert!(with(name, Value::Null).is_err() && with(name, json!({})).is_err(), "{name}");
            assert!(with(name, json!("")).is_err(), "{name}");
        }
    }

    #[test]
    fn tok_22_the_bounds_of_time_are_these() {
        for (name, seconds, expected) in [
            ("exp", 999_940, Err(Unfit::Late)),
            ("exp", 999_941, Ok(())),
            ("exp", 1_000_660, Ok(())),
            ("exp", 1_000_661, Err(Unfit::Long)),
            ("nbf", 1_000_060, Ok(())),
            ("nbf", 1_000_061, Err(Unfit::Early)),
            ("iat", 1_000_060, Ok(())),
            ("iat", 1_000_061, Err(Unfit::Early)),
            ("iat", 0, Ok(())),
        ] {
            assert_eq!(with(name, json!(seconds)).map(drop), expected, "{name} = {seconds}");
        }
        for name in ["exp", "nbf", "iat"] {
            for value in
                [json!("1000010"), json!(-1), json!(1e300), json!(u64::MAX), json!([1_000_010]), json!(true)]
            {
                assert_eq!(with(name, value.clone()), Err(Unfit::Claim), "{name} = {value}");
            }
        }
        assert_eq!(with("exp", json!(1_000_060.25)).unwrap().ends_at, Timestamp::from_millis(1_000_120_250));
    }

    #[test]
    fn tok_23_the_audience_is_the_issuer_as_a_string() {
        for other in
            [json!([ISSUER]), json!("https://id.example.com/"), json!("https://id.example.com/oauth/token")]
        {
            assert_eq!(with("aud", other.clone()), Err(Unfit::Audience), "{other}");
        }
    }

    #[test]
    fn tok_26_others_tokens_and_other_kinds_are_none() {
        assert_eq!(with("iss", json!(ISSUER)), Err(Unfit::Subject));
        assert_eq!(with("sub", json!("usr_ann")), Err(Unfit::Subject));
        assert_eq!(with("response_type", json!("code")), Err(Unfit::Kind));
        assert!(with("jti", json!("j".repeat(256))).is_ok());
        assert_eq!(with("jti", json!("j".repeat(257))), Err(Unfit::Claim));
    }
}
