//! What a token says, as a guard reads it: `tokenry-guard`'s `claims.rs` is the same, and a test compares.

use std::time::Duration;

use serde::Deserialize as _;
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{ResourceServer, UserId};
use tokenry_protocol::claims::TenantClaim;
use tokenry_protocol::dialect::GTY_CLIENT_CREDENTIALS;
use tokenry_protocol::scope::Scope;
use tokenry_store::TokenEnding;

use super::form::{Kind, Read};
use super::words::{quoted, said, when};
use super::{Check, Findings, Question, Verdict};
use crate::policy::may_act::{Standing, TokenStanding, may_act};
use crate::settings::Settings;

/// 9999-12-31T23:59:59Z, the last instant that a guard takes.
const LAST_SECOND: i64 = 253_402_300_799;
/// By how much a guard lets `iat` and `nbf` lie in the future, unless it is configured otherwise.
const SKEW: Duration = Duration::from_secs(5);

/// What of a token the later checks rest on; `None` where it is missing or malformed.
pub(super) struct Said {
    pub(super) client_id: Option<String>,
    pub(super) token_id: Option<String>,
    /// The user who let the client have it; `None`: it is the client's own.
    pub(super) user: Option<UserId>,
    pub(super) scope: Option<Scope>,
    pub(super) tenant: Option<TenantClaim>,
    pub(super) issued_at: Option<Timestamp>,
}

pub(super) fn check(token: &Read, settings: &Settings, question: &Question, findings: &mut Findings) -> Said {
    let claims = &token.claims;
    check_issuer(claims, &settings.issuer, findings);
    check_audience(claims, &question.api, findings);
    let scope = read_scope(claims);
    let dates = Dates::read(claims);
    let mut wrong = Vec::new();
    wrong.extend(dates.as_ref().err().cloned());
    wrong.extend(wrong_parties(token));
    wrong.extend(scope.as_ref().err().cloned());
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    if wrong.is_empty() {
        let who = said(claims.get(client_claim(token)));
        findings.pass(
            Check::Claims,
            format!("All that an access token says is there; it was issued to client {who}."),
        );
    } else {
        findings.refuse(Check::Claims, format!("{}.", wrong.join("; ")));
    }
    match &dates {
        Ok(dates) => dates.check(token.kind, question.at, findings),
        Err(_malformed) => findings.skip(Check::Dates, "The dates cannot be read."),
    }
    let tenant = check_tenant(claims, settings.namespace.as_str(), question, findings);
    Said {
        client_id: text(client_claim(token)),
        token_id: text("jti"),
        user: text("sub").and_then(|sub| UserId::parse(&sub).ok()),
        scope: scope.ok(),
        tenant,
        issued_at: dates.ok().map(|dates| dates.issued_at),
    }
}

fn check_issuer(claims: &Map<String, Value>, expected: &str, findings: &mut Findings) {
    let actual = claims.get("iss");
    if actual.and_then(Value::as_str) == Some(expected) {
        findings.pass(Check::Issuer, format!("iss is {expected}."));
        return;
    }
    let detail = format!("iss is {}, expected is {expected:?}; every character counts.", said(actual));
    findings.refuse(Check::Issuer, detail);
}

/// A string, or an array of strings one of which is the API (RFC 7519 §4.1.3).
fn check_audience(claims: &Map<String, Value>, api: &ResourceServer, findings: &mut Findings) {
    let (actual, expected) = (claims.get("aud"), api.audience.as_str());
    let named = match actual {
        Some(Value::String(audience)) => audience == expected,
        Some(Value::Array(audiences)) => {
            audiences.iter().all(Value::is_string) && audiences.iter().any(|audience| audience == expected)
        }
        _ => false,
    };
    if named {
        findings.pass(Check::Audience, format!("aud is {expected}, the API {:?}.", api.name));
    } else {
        let detail = format!("aud is {}, expected is {expected:?}, the API {:?}.", said(actual), api.name);
        findings.refuse(Check::Audience, detail);
    }
}

/// What is wrong with what the token says of whom it stands for, and of itself.
fn wrong_parties(token: &Read) -> Vec<String> {
    let Read { claims, dialect, .. } = token;
    let mut wrong = Vec::new();
    if token.kind == Kind::Jwt {
        wrong.extend(dialect.confused(claims).map(str::to_owned));
    }
    if claims.contains_key("cnf") {
        wrong.push("the token is bound to a key (cnf), which no guard checks".to_owned());
    }
    let required = [client_claim(token), "sub", "jti"];
    for name in ["client_id", "sub", "jti", "azp", "gty", "sid"] {
        match claims.get(name) {
            None if required.contains(&name) => wrong.push(format!("{name} is missing")),
            Some(Value::String(text)) if !text.is_empty() => {}
            None => {}
            Some(_) => wrong.push(format!("{name} is not a non-empty string")),
        }
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let (client, subject) = (text(client_claim(token)), text("sub"));
    if let (Some(client), Some(party)) = (client, text("azp"))
        && client != party
    {
        wrong.push(format!("azp is {} and client_id {}, two clients", quoted(party), quoted(client)));
    }
    if text("gty") == Some(GTY_CLIENT_CREDENTIALS)
        && let (Some(client), Some(subject)) = (client, subject)
        && dialect.subject(client) != subject
    {
        wrong.push("gty is client-credentials, and sub is not the client".to_owned());
    }
    wrong
}

/// The claim that names the client; of an opaque token the server says it in RFC 7662's word.
fn client_claim(token: &Read) -> &'static str {
    match token.kind {
        Kind::Jwt => token.dialect.form().client_claim,
        Kind::Opaque => "client_id",
    }
}

/// No claim is the empty scope.
fn read_scope(claims: &Map<String, Value>) -> Result<Scope, String> {
    match claims.get("scope") {
        None => Ok(Scope::empty()),
        Some(Value::String(scope)) => Scope::parse(scope).map_err(|error| format!("scope: {error}")),
        Some(_) => Err("scope is not a string".to_owned()),
    }
}

fn check_tenant(
    claims: &Map<String, Value>,
    namespace: &str,
    question: &Question,
    findings: &mut Findings,
) -> Option<TenantClaim> {
    let claim = claims.get(namespace);
    let read = claim.map(TenantClaim::deserialize);
    let needed =
        question.api.tenanted || question.route.as_ref().is_some_and(|route| route.company().is_some());
    match (&read, needed) {
        (_, false) => findings.skip(Check::Tenant, "The API's resources belong to no company."),
        (None, true) => {
            findings.refuse(
                Check::Tenant,
                format!("The claim {namespace:?} is missing: the token is for no company."),
            );
        }
        (Some(Err(error)), true) => {
            findings.refuse(Check::Tenant, format!("The claim {namespace:?}: {error}."));
        }
        (Some(Ok(tenant)), true) => findings.pass(
            Check::Tenant,
            match &tenant.corporation_id {
                Some(corporation) => format!(
                    "The token is for company {}, and for every company of corporation {}.",
                    quoted(&tenant.company_id),
                    quoted(corporation)
                ),
                None => format!("The token is for company {}.", quoted(&tenant.company_id)),
            },
        ),
    }
    read.and_then(Result::ok)
}

struct Dates {
    issued_at: Timestamp,
    not_before: Option<Timestamp>,
    expires_at: Timestamp,
}

impl Dates {
    fn read(claims: &Map<String, Value>) -> Result<Self, String> {
        let required = |name: &str| date(claims, name)?.ok_or_else(|| format!("{name} is missing"));
        let expires_at = required("exp")?;
        Ok(Self { issued_at: required("iat")?, not_before: date(claims, "nbf")?, expires_at })
    }

    /// `exp` is exact: "on or after which" it is over (RFC 7519 §4.1.4).
    fn check(&self, kind: Kind, now: Timestamp, findings: &mut Findings) {
        let Self { issued_at, expires_at, .. } = *self;
        let alone = TokenStanding { issued_at, expires_at, ending: TokenEnding::None };
        if may_act(Standing { token: Some(alone), ..Standing::default() }, now).is_err() {
            let detail = format!("Expired {}: exp is {expires_at}, and it is {now}.", when(expires_at, now));
            return match kind {
                Kind::Jwt => findings.fail(Check::Dates, Verdict::TokenExpired, detail),
                // The guard asks the server, which tells nobody why a token is not active.
                Kind::Opaque => findings.refuse(Check::Dates, detail),
            };
        }
        let (name, from) = match self.not_before {
            Some(not_before) if not_before > issued_at => ("nbf", not_before),
            _ => ("iat", issued_at),
        };
        if now < from.minus(SKEW) {
            let ahead = when(from, now);
            let skew = SKEW.as_secs();
            findings.refuse(
                Check::Dates,
                format!("Not valid yet: {name} is {from} ({ahead}), and it is {now}; {skew} s are allowed."),
            );
            return;
        }
        let (issued, expires) = (when(issued_at, now), when(expires_at, now));
        findings
            .pass(Check::Dates, format!("Issued {issued} ({issued_at}), expires {expires} ({expires_at})."));
    }
}

/// A whole number of seconds since 1970, if the claim is there.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, String> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    match value.as_i64() {
        Some(seconds @ 0..=LAST_SECOND) => Ok(Some(Timestamp::from_secs(seconds))),
        _ => Err(format!("{name} is {}, not a whole number of seconds since 1970", said(Some(value)))),
    }
}
