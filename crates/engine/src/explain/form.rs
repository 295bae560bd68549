//! What was presented: a JWT, with its key and signature, an opaque token, or no token at all.

use serde_json::{Map, Value};
use tokenry_jose::{Algorithm, Error, Expectations, Header, Unverified, VerifyingKey, base64url, json};
use tokenry_model::{KeyState, OpaqueToken, SigningKeyRecord};
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::introspection::{Active, Response};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, Shape, shape};
use tokenry_store::Error as StoreError;

use super::words::{quoted, said, when};
use super::{Check, Explainer, Findings, Question};
use crate::keys::open;
use crate::mint::own_claims;
use crate::own_jwt::MAX_JWT;

const OPAQUE: &str = "An opaque token is not signed: the server knows it.";

/// What a token says, whether or not anybody vouches for it.
pub(super) struct Read {
    pub(super) claims: Map<String, Value>,
    pub(super) kind: Kind,
    /// The shape that its header says it has.
    pub(super) dialect: Dialect,
}

/// What a token is.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Kind {
    Jwt,
    Opaque,
}

/// `None`: there is nothing to be read.
pub(super) async fn read(
    explainer: &Explainer<'_>,
    question: &Question,
    findings: &mut Findings,
) -> Result<Option<Read>, StoreError> {
    if let Some(what) = no_token(&explainer.settings.brand, &question.token) {
        findings.refuse(Check::Framing, what);
        return Ok(None);
    }
    let claims = match OpaqueToken::digest_of(&question.token) {
        Some(digest) => {
            let found = explainer.store.find_opaque_token(&digest).await?;
            let claims = read_opaque(explainer, found, findings).await?;
            let dialect = question.api.dialect;
            return Ok(claims.map(|claims| Read { claims, kind: Kind::Opaque, dialect }));
        }
        None => read_jwt(explainer, question, findings).await?,
    };
    // A token of a typ that is refused is read as one of the API's own, to tell what else is wrong.
    let jwt = Unverified::parse(question.token.expose(), MAX_JWT).ok();
    let own = question.api.dialect;
    let said = jwt.and_then(|jwt| Dialect::of_typ(jwt.header().typ.as_deref()?));
    let dialect = said.filter(|said| own.typs_taken().contains(&said.form().typ)).unwrap_or(own);
    Ok(claims.map(|claims| Read { claims, kind: Kind::Jwt, dialect }))
}

/// What it is instead of a token, by its characters alone. It is never repeated.
fn no_token(brand: &Brand, presented: &Secret) -> Option<String> {
    let field = Secret::new(format!("Bearer {}", presented.expose()));
    if Authorization::parse(field.expose().as_bytes()).is_err() {
        return Some(
            "There are characters in it that no token has, white space or quotes for instance. \
             Give the token alone, without the header that it stood in."
                .to_owned(),
        );
    }
    match shape(brand, presented.expose()) {
        Shape::Branded(kind) => Some(format!("This is {}", describe(kind))),
        Shape::BadChecksum => Some(begins_like(brand, presented.expose())),
        Shape::Foreign => None,
    }
}

fn begins_like(brand: &Brand, text: &str) -> String {
    let prefix = |kind: &SecretKind| format!("{brand}_{}_", kind.code());
    match SecretKind::ALL.into_iter().find(|kind| text.starts_with(&prefix(kind))) {
        Some(kind) => {
            format!("It begins like {} Its checksum is wrong: it was cut off or mistyped.", describe(kind))
        }
        None => format!("It begins with \"{brand}_\", and is none of this Tokenry's secrets."),
    }
}

fn describe(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::AccountSecret => {
            "an account secret, no access token: it is sent as Authorization: Secret, where a route takes that."
        }
        SecretKind::ClientSecret => {
            "a client secret, no access token: the client trades it for one at POST /oauth/token, and shows it to nobody else."
        }
        SecretKind::PersonalAccessToken => "a personal access token, which this API's guard does not take.",
        SecretKind::RefreshToken => {
            "a refresh token, no access token: the client trades it for one at POST /oauth/token."
        }
        SecretKind::ResourceServerSecret => {
            "an API's own secret, no access token: with it the API itself calls Tokenry."
        }
    }
}

/// What the server says to the guard that asks.
async fn read_opaque(
    explainer: &Explainer<'_>,
    found: Option<OpaqueToken>,
    findings: &mut Findings,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let gone = "It has the form of an opaque token, and is none that is stored: never issued here, or expired and removed, \
                or its client or API is gone.";
    let Some(token) = found else {
        findings.refuse(Check::Framing, gone);
        return Ok(None);
    };
    let client = explainer.store.find_client(&token.client_id).await?;
    let api = explainer.store.find_resource_server(&token.resource_server_id).await?;
    let (Some(client), Some(api)) = (client, api) else {
        findings.refuse(Check::Framing, gone);
        return Ok(None);
    };
    findings.pass(Check::Framing, "An opaque token, found by its digest.");
    for check in [Check::Key, Check::Algorithm, Check::Type, Check::Signature] {
        findings.skip(check, OPAQUE);
    }
    let own = own_claims(token.tenant.as_ref(), &client.claims);
    let active = Active {
        iss: explainer.settings.issuer.clone(),
        sub: api.dialect.subject(token.client_id.as_str()),
        aud: vec![api.audience],
        client_id: Some(token.client_id.to_string()),
        credential: None,
        allowed_addresses: Vec::new(),
        scope: token.scope,
        iat: token.issued_at.as_secs(),
        exp: token.expires_at.as_secs(),
        jti: Some(token.jti),
        session: None,
        own: own.map(|own| (explainer.settings.namespace.clone(), own)),
    };
    let body = Response::Active(Box::new(active)).to_json();
    Ok(Some(json::object(&body).expect("our own answer is an object without duplicates")))
}

async fn read_jwt(
    explainer: &Explainer<'_>,
    question: &Question,
    findings: &mut Findings,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let text = question.token.expose();
    match Unverified::parse(text, MAX_JWT) {
        Ok(jwt) => {
            findings.pass(Check::Framing, format!("A signed JWT of {} characters.", text.len()));
            match find_key(explainer, jwt.header(), question, findings).await? {
                Some(key) => check_signature(text, jwt.header(), &key, question.api.dialect, findings),
                None => {
                    for check in [Check::Algorithm, Check::Type, Check::Signature] {
                        findings.skip(
                            check,
                            "There is no key to check it with. Nobody vouches for what follows.",
                        );
                    }
                }
            }
        }
        Err(error) => {
            refuse_header(error, text, findings);
            for check in [Check::Key, Check::Algorithm, Check::Type, Check::Signature] {
                findings.skip_unless_made(check, "The header is refused. Nobody vouches for what follows.");
            }
        }
    }
    Ok(payload(text, findings))
}

/// Says which check a header or a framing fails with.
fn refuse_header(error: Error, text: &str, findings: &mut Findings) {
    let check = match error {
        Error::AlgorithmUnsupported => Check::Algorithm,
        Error::Kid => Check::Key,
        Error::Typ => Check::Type,
        _ => Check::Framing,
    };
    if check != Check::Framing {
        findings.pass(Check::Framing, format!("A JWT of {} characters.", text.len()));
    }
    let parts = text.split('.').take(7).count();
    findings.refuse(
        check,
        match (error, parts) {
            (Error::Parts, 5) => "It has five parts: an encrypted JWT (JWE), expected is a signed one.".to_owned(),
            (Error::Parts, _) => {
                "No access token: neither a JWT, which has three parts with dots between, nor the 43 letters and \
                 digits of an opaque one."
                    .to_owned()
            }
            _ => format!("No guard takes it: {error}."),
        },
    );
}

/// The key that the header names, as far as this Tokenry has it, whether or not it is published.
async fn find_key(
    explainer: &Explainer<'_>,
    header: &Header,
    question: &Question,
    findings: &mut Findings,
) -> Result<Option<VerifyingKey>, StoreError> {
    let found = match &header.kid {
        Some(kid) => explainer.store.find_signing_key(kid).await?,
        None => {
            let mut published = explainer.store.list_signing_keys().await?;
            published.retain(|key| key.state.is_published_at(question.at));
            (published.len() == 1).then(|| published.remove(0))
        }
    };
    let Some(record) = found else {
        findings.refuse(
            Check::Key,
            match &header.kid {
                Some(kid) => format!(
                    "kid is {}, none of this Tokenry's keys: another one signed it, or the key was removed after all \
                     that it signed had expired.",
                    quoted(kid)
                ),
                None => "The header names no key (kid), and the key set has more than one.".to_owned(),
            },
        );
        return Ok(None);
    };
    let key = open(explainer.data_key, &record);
    let key = key.and_then(|key| VerifyingKey::from_jwk(key.key.public_jwk()).ok());
    if key.is_none() {
        findings.refuse(Check::Key, format!("Key {} cannot be opened with this keyring.", record.kid));
    } else {
        check_key(&record, question, findings);
    }
    Ok(key)
}

fn check_key(record: &SigningKeyRecord, question: &Question, findings: &mut Findings) {
    let SigningKeyRecord { kid, algorithm, state, .. } = record;
    let now = question.at;
    let life = match *state {
        KeyState::Active { since } => format!("active: it has signed since {since}"),
        KeyState::Pending => "pending: published, and the next to sign".to_owned(),
        KeyState::Retired { since, .. } if state.is_revoked() => {
            format!("revoked: since {since} ({}) all that it signed is dead", when(since, now))
        }
        KeyState::Retired { verifies_until, .. } if state.is_published_at(now) => {
            format!("retired: it verifies until {verifies_until} ({})", when(verifies_until, now))
        }
        KeyState::Retired { verifies_until, .. } => {
            format!(
                "retired: it verified until {verifies_until} ({}) and is published no more",
                when(verifies_until, now)
            )
        }
    };
    let detail = format!("{algorithm} key {kid} is {life}.");
    if state.is_published_at(now) {
        findings.pass(Check::Key, detail);
    } else {
        findings.refuse(Check::Key, detail);
    }
}

/// The type is looked at once as a guard does that was told the API's dialect, and once taken as it is, to tell what else
/// is wrong.
fn check_signature(
    text: &str,
    header: &Header,
    key: &VerifyingKey,
    dialect: Dialect,
    findings: &mut Findings,
) {
    let verify = |typ: &[&str]| {
        let expected = Expectations { algorithms: &Algorithm::ALL, typ };
        Unverified::parse(text, MAX_JWT).and_then(|jwt| jwt.verify(key, &expected)).err()
    };
    let (strictly, leniently) =
        (verify(&dialect.typs_taken()), verify(&[header.typ.as_deref().unwrap_or_default()]));
    let (alg, due) = (header.alg, key.algorithm());
    if alg == due {
        findings.pass(Check::Algorithm, format!("alg is {alg}, as the key's."));
    } else {
        findings.refuse(Check::Algorithm, format!("alg is {alg}, and the key is for {due} alone."));
    }
    let typ = said(header.typ.clone().map(Value::String).as_ref());
    if strictly == Some(Error::Typ) {
        let expected = dialect.form().typ;
        let detail = format!(
            "typ is {typ}, expected is \"{expected}\": this is no access token for this API (its dialect is {dialect}), an ID \
             token perhaps."
        );
        findings.refuse(Check::Type, detail);
    } else {
        findings.pass(Check::Type, format!("typ is {typ}."));
    }
    match leniently {
        None => findings.pass(Check::Signature, "The key signed this token."),
        Some(Error::AlgorithmMismatch) => {
            findings
                .skip(Check::Signature, "The key has another algorithm. Nobody vouches for what follows.");
        }
        Some(error) => {
            findings
                .refuse(Check::Signature, format!("Not genuine: {error}. Nobody vouches for what follows."));
        }
    }
}

/// The claims; a signature is checked elsewhere.
fn payload(text: &str, findings: &mut Findings) -> Option<Map<String, Value>> {
    let bytes = text.split('.').nth(1).filter(|_| text.len() <= MAX_JWT)?;
    match json::object(&base64url::decode(bytes).ok()?) {
        Ok(claims) => Some(claims),
        Err(error) => {
            findings.refuse(Check::Claims, format!("The payload holds no claims: {error}."));
            None
        }
    }
}
