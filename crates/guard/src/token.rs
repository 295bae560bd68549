//! From the text of a token to what it says, or to the reason why it says nothing.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, Expectations, Unverified, base64url, sha256};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::{Brand, SecretKind, Shape, shape};

use crate::accept::{Accepted, Credential};
use crate::authority::{Authorities, Authority};
use crate::cache::TokenCache;
use crate::caller::Caller;
use crate::claims::{Claims, Expected, Told};
use crate::conditions::Conditions;
use crate::denied::{Denied, Reason};
use crate::keys::KeySet;
use crate::question::{Key, Question};
use crate::revocations::Names;

/// The longest token that is looked at. Ours have about 900 characters.
const MAX_TOKEN: usize = 16 * 1024;

/// How long an opaque token is: 256 bits of base62.
const OPAQUE_LEN: usize = 43;

const BAD_CHECKSUM: &str = "the token begins with the brand, and its checksum is wrong";

/// Under which a credential of this kind is remembered.
pub(crate) fn key(kind: Credential, text: &str) -> Key {
    (kind, sha256(text.as_bytes()))
}

fn is_opaque(text: &str) -> bool {
    text.len() == OPAQUE_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A credential whose issuer vouched for its lasting claims, by a signature or when it was asked.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) authority: Arc<Authority>,
    pub(crate) credential: Credential,
    pub(crate) claims: Claims,
    /// What a request has to show beside it; nothing beside a signed one.
    pub(crate) conditions: Conditions,
    /// The claims as the issuer wrote them, for `claims_as`.
    pub(crate) payload: Box<[u8]>,
    /// What of it can be revoked.
    pub(crate) names: Names,
    /// The key set that it was checked against.
    key_epoch: u64,
}

/// Why nobody is let in.
pub(crate) enum Failure {
    Denied(Denied),
    /// The credential is good, and the request may not use it: whose it is belongs into the record.
    Misused(Denied, Box<Caller>),
    /// There may be one after some waiting; what to say if there is none even then.
    Wait(Wait, Denied),
}

/// What there is to wait for.
pub(crate) enum Wait {
    /// The issuer has to be asked about the credential.
    Answer(Box<Question>),
    /// The token names a key that is not in this authority's set; a newer set may have it.
    UnknownKey(Arc<Authority>),
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// Turns texts into tokens.
pub(crate) struct Verifier {
    pub(crate) accepted: Accepted,
    /// With what the first issuer's secrets begin.
    pub(crate) brand: Brand,
    pub(crate) expected: Arc<Expected>,
    pub(crate) cache: TokenCache,
}

/// What a text may be, by its form.
pub(crate) enum Form<'a> {
    /// The issuer has to be asked, or was. Its name, under which the answer is remembered.
    Asked(Key),
    /// One of the issuer's secrets, misspelt or made up: no question, but a guess.
    Guess(Denied),
    Jwt(&'a str),
}

impl Verifier {
    /// What came as `Bearer`. What begins with the brand is of the one kind that may come so, and whole, or nothing.
    pub(crate) fn bearer<'a>(&self, text: &'a str) -> Result<Form<'a>, Denied> {
        let kind = match shape(&self.brand, text) {
            Shape::Branded(SecretKind::PersonalAccessToken) => Credential::Pat,
            Shape::Branded(_) => {
                return Err(Denied::invalid_token(
                    "the token is one of the issuer's secrets that is no access token",
                ));
            }
            Shape::BadChecksum => return Ok(Form::Guess(Denied::invalid_token(BAD_CHECKSUM))),
            Shape::Foreign if is_opaque(text) => Credential::Opaque,
            Shape::Foreign => Credential::Jwt,
        };
        if !self.accepted.takes(kind) {
            let kind = kind.as_str();
            return Err(Denied::invalid_token(format!(
                "the token looks like a {kind}, which this API does not take"
            )));
        }
        match kind {
            Credential::Jwt => Ok(Form::Jwt(text)),
            _ => Ok(Form::Asked(key(kind, text))),
        }
    }

    /// What came as `Secret`.
    pub(crate) fn secret(&self, text: &str) -> Result<Key, Denied> {
        match shape(&self.brand, text) {
            Shape::Branded(SecretKind::AccountSecret) => Ok(key(Credential::Secret, text)),
            Shape::Branded(_) | Shape::Foreign => {
                Err(Denied::invalid_token("it is no account secret of the issuer's"))
            }
            Shape::BadChecksum => Err(Denied::invalid_token(BAD_CHECKSUM)),
        }
    }

    /// 1. Known already, under the current key set of its issuer? Else
    /// 2. the authority by `iss`, 3. framing and header, 4. the key by `kid`, 5. type, algorithm and signature,
    ///    6. the claims.
    ///
    /// Time, revocation and company are for the caller to check, at every request.
    pub(crate) fn verify(&self, text: &str, authorities: &Authorities) -> Result<Arc<Token>, Failure> {
        let digest = sha256(text.as_bytes());
        if let Some(token) = self.cache.find(&digest).filter(|token| token.is_of_current_keys()) {
            return Ok(token);
        }
        let authority = pick(text, authorities)?;
        let Some(keys) = authority.keys.current() else {
            return Err(Denied::new(Reason::KeysUnavailable).because("no key set was loaded yet").into());
        };
        let token = Arc::new(self.check(text, authority, &keys)?);
        self.cache.insert(digest, Arc::clone(&token));
        Ok(token)
    }

    fn check(&self, text: &str, authority: &Arc<Authority>, keys: &KeySet) -> Result<Token, Failure> {
        let unverified = Unverified::parse(text, MAX_TOKEN).map_err(refused)?;
        let kid = unverified.header().kid.as_deref();
        let Some(key) = keys.find(kid) else {
            let denied = Denied::invalid_token(match kid {
                Some(kid) => format!("kid {kid:?} is not in the key set of {:?}", authority.issuer),
                None => "the token names no key, and the key set has not exactly one".to_owned(),
            });
            return Err(if kid.is_some() {
                Failure::Wait(Wait::UnknownKey(Arc::clone(authority)), denied)
            } else {
                Failure::Denied(denied)
            });
        };
        // Any but an access token is refused by its type: ID tokens, logout tokens, client assertions (RFC 9068 §4). Where
        // the type says less, because the issuer's dialect is another, the claims have to say it.
        let typ = authority.dialect.typs_taken();
        let expectations = Expectations { algorithms: &Algorithm::ALL, typ: &typ };
        let dialect = unverified.header().typ.as_deref().and_then(Dialect::of_typ).unwrap_or(Dialect::Rfc);
        let verified = unverified.verify(key, &expectations).map_err(refused)?;
        let told = Told::Signed { dialect, kind: authority.kind };
        let claims = verified.claims().map_err(refused)?;
        let claims = Claims::check(&claims, &authority.issuer, told, &self.expected)?;
        Ok(Token {
            names: Names::new(&claims.token_id, key.kid()),
            authority: Arc::clone(authority),
            credential: Credential::Jwt,
            claims,
            conditions: Conditions::default(),
            payload: verified.payload().into(),
            key_epoch: keys.epoch(),
        })
    }
}

fn refused(error: tokenry_jose::Error) -> Denied {
    Denied::invalid_token(error.to_string())
}

/// The authority that the token says it is of. Nothing is believed: that authority's own keys decide, and then its
/// name is compared with the signed one.
fn pick<'a>(text: &str, authorities: &'a Authorities) -> Result<&'a Arc<Authority>, Denied> {
    #[derive(Deserialize)]
    struct Unsigned {
        iss: String,
    }
    if let Some(only) = authorities.only() {
        return Ok(only);
    }
    let payload = text.split('.').nth(1).filter(|_| text.len() <= MAX_TOKEN);
    let payload = payload.and_then(|payload| base64url::decode(payload).ok());
    let unsigned = payload.and_then(|payload| serde_json::from_slice::<Unsigned>(&payload).ok());
    let Some(Unsigned { iss }) = unsigned else {
        return Err(Denied::invalid_token("the token is no JWT, or says nothing of its issuer"));
    };
    authorities.find(&iss).ok_or_else(|| {
        let iss: String = iss.chars().take(200).collect();
        Denied::invalid_token(format!("iss is {iss:?}, which is none of this API's issuers"))
    })
}

impl Token {
    /// From what the issuer said when it was asked (RFC 7662 §2.2): the same claims, in the same forms, as are signed
    /// in others.
    pub(crate) fn answered(
        authority: &Arc<Authority>,
        credential: Credential,
        answer: &Map<String, Value>,
        payload: &[u8],
        expected: &Expected,
    ) -> Result<Self, Denied> {
        let claims = Claims::check(answer, &authority.issuer, Told::Answered(credential), expected)?;
        Ok(Self {
            names: Names::new(&claims.token_id, None),
            authority: Arc::clone(authority),
            credential,
            claims,
            conditions: Conditions::read(answer)?,
            payload: payload.into(),
            key_epoch: 0,
        })
    }

    /// Everything that is checked at every request, remembered token or not.
    pub(crate) fn check_now(&self, now: Timestamp) -> Result<(), Denied> {
        self.claims.check_time(now)?;
        self.authority.check(self)
    }

    fn is_of_current_keys(&self) -> bool {
        self.authority.keys.current().is_some_and(|keys| keys.epoch() == self.key_epoch)
    }

    /// About how many bytes of memory it takes: the claims are in it once as JSON, once as values.
    pub(crate) fn weight(&self) -> u32 {
        let bytes = 2 * self.payload.len() + 512;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}
