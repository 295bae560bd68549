//! The claims of an access token: RFC 9068 §4 with the payload in hand, in its order, and the tenant claim.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_protocol::Scope;
use tokenry_protocol::claims::{Namespace, TenantClaim};
use tokenry_protocol::dialect::{Dialect, GTY_CLIENT_CREDENTIALS};

use crate::accept::Credential;
use crate::authority::Kind;
use crate::denied::{Denied, Reason};

/// 9999-12-31T23:59:59Z. A later instant is a mistake or an attack on someone's arithmetic.
const LAST_SECOND: i64 = 253_402_300_799;

/// What this API expects of every token, whoever issued it.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) audience: String,
    /// Where the tenant claim stands; none if the API knows no companies.
    pub(crate) namespace: Option<Namespace>,
    /// By how much `iat` and `nbf` may lie in the future.
    pub(crate) allowed_skew: Duration,
}

/// The claims of a token whose signature was checked. Times are for the caller to compare, at every request.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) subject: Subject,
    /// None where a user acts by a credential of their own.
    pub(crate) client_id: Option<String>,
    /// `sid`: the sign-in in which a user let the client have the token.
    pub(crate) session: Option<String>,
    /// Empty if a foreign token has none.
    pub(crate) token_id: String,
    pub(crate) scopes: Scope,
    pub(crate) tenant: Option<TenantClaim>,
    /// `exp`, the first instant at which the token is no longer valid.
    pub(crate) expires_at: Timestamp,
    /// The later one of `iat` and `nbf`, less the allowed skew.
    pub(crate) valid_from: Timestamp,
}

/// How the issuer said it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    /// When it was asked about a credential of this kind (RFC 7662 §2.2), which has one word for the client, whatever the API's
    /// dialect, and none where there is no client.
    Answered(Credential),
    /// By its signature, in the dialect that the token's `typ` stands for.
    Signed { dialect: Dialect, kind: Kind },
}

impl Told {
    const fn client_claim(self) -> &'static str {
        match self {
            Self::Answered(_) => "client_id",
            Self::Signed { dialect, .. } => dialect.form().client_claim,
        }
    }

    /// Whether that `sub` is the client itself. No user's id is spelled like that (`usr_…`).
    fn is_client(self, subject: &str, client_id: &str) -> bool {
        let is = |dialect: Dialect| subject.strip_suffix(dialect.form().subject_suffix) == Some(client_id);
        match self {
            Self::Answered(_) => Dialect::ALL.into_iter().any(is),
            Self::Signed { dialect, .. } => is(dialect),
        }
    }
}

/// Who acts.
#[derive(Debug)]
pub(crate) enum Subject {
    /// The client itself, by its id.
    Client(String),
    /// A user, by `sub`.
    User(String),
}

impl Claims {
    /// Checks everything that stays true for as long as the token lives.
    pub(crate) fn check(
        claims: &Map<String, Value>,
        issuer: &str,
        told: Told,
        expected: &Expected,
    ) -> Result<Self, Denied> {
        if let Told::Signed { dialect, .. } = told
            && let Some(why) = dialect.confused(claims)
        {
            return Err(Denied::invalid_token(why));
        }
        if let Told::Answered(credential) = told {
            check_credential(claims, credential)?;
        }
        check_issuer(claims, issuer)?;
        check_audience(claims, &expected.audience)?;
        let expires_at = required_date(claims, "exp")?;
        let issued_at = required_date(claims, "iat")?;
        let valid_from = date(claims, "nbf")?.unwrap_or(issued_at).max(issued_at);
        if claims.contains_key("cnf") {
            return Err(Denied::invalid_token(
                "the token is bound to a key (cnf), which is not checked here",
            ));
        }
        let (subject, client_id) = parties(claims, told)?;
        Ok(Self {
            subject,
            client_id,
            session: text(claims, "sid")?.map(str::to_owned),
            token_id: token_id(claims, told)?.to_owned(),
            scopes: scopes(claims)?,
            tenant: expected.namespace.as_ref().map(|namespace| tenant(claims, namespace)).transpose()?,
            expires_at,
            valid_from: valid_from.minus(expected.allowed_skew),
        })
    }

    /// Who acts, as the issuer names them.
    pub(crate) fn subject_id(&self) -> &str {
        match &self.subject {
            Subject::Client(id) | Subject::User(id) => id,
        }
    }

    /// Checks what changes with time. `exp` is exact: "on or after which" it is over (RFC 7519 §4.1.4).
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), Denied> {
        if now >= self.expires_at {
            return Err(Denied::new(Reason::TokenExpired)
                .because(format!("the token expired at {}, and it is {now}", self.expires_at)));
        }
        if now < self.valid_from {
            return Err(Denied::invalid_token(format!(
                "the token is valid from {} on (allowed skew included), and it is {now}",
                self.valid_from
            )));
        }
        Ok(())
    }
}

fn check_issuer(claims: &Map<String, Value>, expected: &str) -> Result<(), Denied> {
    match claims.get("iss") {
        Some(Value::String(issuer)) if issuer == expected => Ok(()),
        actual => Err(Denied::invalid_token(format!("iss is {}, expected is {expected:?}", quoted(actual)))),
    }
}

/// A string, or an array of strings one of which is us (RFC 7519 §4.1.3).
fn check_audience(claims: &Map<String, Value>, expected: &str) -> Result<(), Denied> {
    let named = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected,
        Some(Value::Array(audiences)) if audiences.iter().all(Value::is_string) => {
            audiences.iter().any(|audience| audience == expected)
        }
        _ => false,
    };
    let denied = || {
        let actual = quoted(claims.get("aud"));
        Denied::invalid_token(format!("aud is {actual}, expected is {expected:?}"))
    };
    if named { Ok(()) } else { Err(denied()) }
}

/// The answer is about what was asked about: the issuer says of a user's own credential which kind it is, and of a client's
/// token nothing (`credential`).
fn check_credential(claims: &Map<String, Value>, asked: Credential) -> Result<(), Denied> {
    let said = claims.get("credential");
    let expected = asked.own().map(|own| serde_json::to_value(own).unwrap_or_default());
    if said == expected.as_ref() {
        return Ok(());
    }
    Err(Denied::invalid_token(format!(
        "credential is {}, expected is {}",
        quoted(said),
        quoted(expected.as_ref())
    )))
}

/// Who acts, and by which client.
fn parties(claims: &Map<String, Value>, told: Told) -> Result<(Subject, Option<String>), Denied> {
    if let Told::Answered(credential) = told
        && credential.is_users_own()
    {
        if ["client_id", "azp", "gty"].into_iter().any(|claim| claims.contains_key(claim)) {
            return Err(Denied::invalid_token("a user's own credential names a client"));
        }
        return Ok((Subject::User(required_text(claims, "sub")?.to_owned()), None));
    }
    let client_id = required_text(claims, told.client_claim())?;
    Ok((subject(claims, client_id, told)?, Some(client_id.to_owned())))
}

/// Under `gty` the two kinds of token can be told apart twice over; they have to agree.
fn subject(claims: &Map<String, Value>, client_id: &str, told: Told) -> Result<Subject, Denied> {
    let subject = required_text(claims, "sub")?;
    if let Some(party) = text(claims, "azp")?
        && party != client_id
    {
        return Err(Denied::invalid_token("azp and client_id name different clients"));
    }
    match (text(claims, "gty")? == Some(GTY_CLIENT_CREDENTIALS), told.is_client(subject, client_id)) {
        (true, true) | (false, true) => Ok(Subject::Client(client_id.to_owned())),
        (false, false) => Ok(Subject::User(subject.to_owned())),
        (true, false) => Err(Denied::invalid_token("gty is client-credentials, and sub is not the client")),
    }
}

/// Empty for a foreign token that has none: nobody says anything of its issuer's tokens afterwards.
fn token_id(claims: &Map<String, Value>, told: Told) -> Result<&str, Denied> {
    match told {
        Told::Signed { dialect, kind: Kind::Foreign } if !dialect.form().has_token_id => {
            Ok(text(claims, "jti")?.unwrap_or_default())
        }
        _ => required_text(claims, "jti"),
    }
}

/// No claim is the empty scope; a claim has to follow the grammar.
fn scopes(claims: &Map<String, Value>) -> Result<Scope, Denied> {
    let Some(scope) = text(claims, "scope")? else {
        return Ok(Scope::empty());
    };
    Scope::parse(scope).map_err(|invalid| Denied::invalid_token(format!("scope: {invalid}")))
}

fn tenant(claims: &Map<String, Value>, namespace: &Namespace) -> Result<TenantClaim, Denied> {
    let Some(claim) = claims.get(namespace.as_str()) else {
        return Err(Denied::invalid_token(format!("the tenant claim {:?} is missing", namespace.as_str())));
    };
    TenantClaim::deserialize(claim)
        .map_err(|error| Denied::invalid_token(format!("the tenant claim {:?}: {error}", namespace.as_str())))
}

fn required_text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, Denied> {
    text(claims, name)?.ok_or_else(|| Denied::invalid_token(format!("{name} is missing")))
}

/// A non-empty string, if the claim is there. `null` is a wrong type, not an absence.
fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Denied> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(Denied::invalid_token(format!("{name} is not a non-empty string"))),
    }
}

fn required_date(claims: &Map<String, Value>, name: &str) -> Result<Timestamp, Denied> {
    date(claims, name)?.ok_or_else(|| Denied::invalid_token(format!("{name} is missing")))
}

/// A whole number of seconds since 1970, if the claim is there.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Denied> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match value.as_i64() {
        Some(seconds @ 0..=LAST_SECOND) => Ok(Some(Timestamp::from_secs(seconds))),
        _ => Err(Denied::invalid_token(format!("{name} is not a whole number of seconds since 1970"))),
    }
}

/// A claim for the log: JSON escapes what could break a line, and 200 characters suffice to see what is wrong.
fn quoted(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "missing".to_owned();
    };
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(200) {
        text.truncate(end);
        text.push('…');
    }
    text
}
