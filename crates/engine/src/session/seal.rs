//! The codec of what browsers carry for us: signed, then encrypted, for one purpose, with its end inside.
//!
//! ```text
//! base64url( version ∥ key id ∥ nonce ∥ AES-256-GCM-SIV( Ed25519 signature ∥ end ∥ payload ) )
//! ```
//!
//! The purpose is additional data of the encryption and part of what is signed, so that a value of one purpose, or of one
//! cookie, is nothing to another. Whatever is wrong with a value, it is absent: there is no error to tell apart.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::base64url;
use tokenry_model::Rng;
use zeroize::Zeroizing;

use super::keys::{SessionKey, SessionKeys};
use crate::engine::Engine;

/// How much browsers keep of a cookie, in bytes, its name and the `=` included (RFC 6265 §6.1). No sealed text is made that would be
/// more with the name of the cookie that carries it, and none beyond is looked at.
pub const MAX_SEALED: usize = 4_096;
/// The name of the cookie that keeps a pending request while somebody goes the way of a mail.
pub const FLOW_COOKIE: &str = "__Host-tokenry_flow";
/// The longer one of the two names that the cookie for APIs has.
const LONGEST_API_COOKIE: &str = "__Secure-tokenry_api";

const SIGNATURE_LEN: usize = 64;
const END_LEN: usize = 8;

/// What a sealed value is for. One of one purpose is nothing to another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// The cookie for APIs, which names a session to guards.
    ApiCookie,
    /// The hidden field that binds a form to the browser that it was made for.
    Csrf,
    /// What a client asked for that wants a user signed out.
    EndSession,
    /// The cookie that keeps what somebody was about to do while they show that it is them.
    ErrandCookie,
    /// Who has shown a password and still has to show a second factor.
    Factor,
    /// A pending authorization request.
    Flow,
    /// The cookie that keeps a link that came by mail.
    LinkCookie,
    /// What a passkey is asked to sign, for a sign-in.
    PasskeyChallenge,
    /// What a new passkey is asked to sign.
    PasskeyEnrolment,
    /// The cookie that names a browser before anybody has signed in.
    PreSessionCookie,
    /// The cookie of a session.
    SessionCookie,
    /// The link in a mail by which somebody makes an account of their own.
    SignUpLink,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ApiCookie,
        Self::Csrf,
        Self::EndSession,
        Self::ErrandCookie,
        Self::Factor,
        Self::Flow,
        Self::LinkCookie,
        Self::PasskeyChallenge,
        Self::PasskeyEnrolment,
        Self::PreSessionCookie,
        Self::SessionCookie,
        Self::SignUpLink,
    ];

    /// What the value is bound to. Of a cookie, also its name, without the prefix that an operator's settings decide on.
    const fn label(self) -> &'static str {
        match self {
            Self::ApiCookie => "tokenry/sealed/1/cookie/tokenry_api",
            Self::Csrf => "tokenry/sealed/1/form/csrf",
            Self::EndSession => "tokenry/sealed/1/form/end-session",
            Self::ErrandCookie => "tokenry/sealed/1/cookie/__Host-tokenry_errand",
            Self::Factor => "tokenry/sealed/1/form/factor",
            Self::Flow => "tokenry/sealed/1/form/flow",
            Self::LinkCookie => "tokenry/sealed/1/cookie/__Host-tokenry_link",
            Self::PasskeyChallenge => "tokenry/sealed/1/form/passkey-challenge",
            Self::PasskeyEnrolment => "tokenry/sealed/1/form/passkey-enrolment",
            Self::PreSessionCookie => "tokenry/sealed/1/cookie/__Host-tokenry_pre",
            Self::SessionCookie => "tokenry/sealed/1/cookie/__Host-tokenry_sid",
            Self::SignUpLink => "tokenry/sealed/1/link/sign-up",
        }
    }

    /// The name of the cookie that carries it, if one does whose name is always the same. That for APIs has a prefix that says
    /// how far it reaches.
    #[must_use]
    pub const fn cookie(self) -> Option<&'static str> {
        match self {
            Self::ApiCookie
            | Self::Csrf
            | Self::EndSession
            | Self::Factor
            | Self::Flow
            | Self::PasskeyChallenge
            | Self::PasskeyEnrolment
            | Self::SignUpLink => None,
            Self::ErrandCookie => Some("__Host-tokenry_errand"),
            Self::LinkCookie => Some("__Host-tokenry_link"),
            Self::PreSessionCookie => Some("__Host-tokenry_pre"),
            Self::SessionCookie => Some("__Host-tokenry_sid"),
        }
    }

    /// The longest text that a browser takes: what is left beside the name of the cookie, where one carries it.
    const fn room(self) -> usize {
        let name = match (self, self.cookie()) {
            (Self::ApiCookie, _) => LONGEST_API_COOKIE,
            (Self::Flow, _) => FLOW_COOKIE,
            (_, Some(name)) => name,
            (_, None) => return MAX_SEALED,
        };
        MAX_SEALED - name.len() - 1
    }
}

/// A value that cannot be sealed.
#[derive(Debug, Error)]
pub enum SealError {
    /// There is no key that seals, or it does not sign.
    #[error("no session key seals")]
    NoKey,
    /// The sealed text would be longer than browsers keep ([`MAX_SEALED`]).
    #[error("the value is too long to be carried by a browser")]
    TooLong,
}

impl Engine {
    /// Seals `payload` for `purpose`, to be opened before `expires_at` alone.
    ///
    /// # Errors
    /// When the text, with the name of its cookie, would be longer than [`MAX_SEALED`], or no key seals.
    pub fn seal(
        &self,
        purpose: Purpose,
        payload: &impl Serialize,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<String, SealError> {
        let key = self.session_keys.sealing(now).ok_or(SealError::NoKey)?;
        sealed(&key, purpose, payload, expires_at, &*self.rng)
    }

    /// What was sealed for `purpose`; `None` if it was not, or has been changed, or has ended by our own clock (SES-04 to
    /// SES-06, SES-08, PEER-35).
    #[must_use]
    pub fn unseal<T: DeserializeOwned>(&self, purpose: Purpose, text: &str, now: Timestamp) -> Option<T> {
        unsealed(&self.session_keys, purpose, text, now)
    }
}

fn sealed(
    key: &SessionKey,
    purpose: Purpose,
    payload: &impl Serialize,
    expires_at: Timestamp,
    rng: &dyn Rng,
) -> Result<String, SealError> {
    let payload = Zeroizing::new(serde_json::to_vec(payload).map_err(|_unserialisable| SealError::TooLong)?);
    let end = expires_at.as_millis().to_be_bytes();
    let signature = key.signing.sign(&statement(purpose, end, &payload));
    let signature = signature.map_err(|_unspecified| SealError::NoKey)?;
    let signed = Zeroizing::new([signature.as_slice(), &end, &payload].concat());
    let text = base64url::encode(&key.sealing.seal(purpose.label(), &signed, rng));
    if text.len() > purpose.room() { Err(SealError::TooLong) } else { Ok(text) }
}

fn unsealed<T: DeserializeOwned>(
    keys: &SessionKeys,
    purpose: Purpose,
    text: &str,
    now: Timestamp,
) -> Option<T> {
    if text.len() > MAX_SEALED {
        return None;
    }
    let sealed = base64url::decode(text).ok()?;
    let key = keys.that_made(&sealed)?;
    let (end, payload) = opened(&key, purpose, &sealed)?;
    if now < end { serde_json::from_slice(&payload).ok() } else { None }
}

fn opened(key: &SessionKey, purpose: Purpose, sealed: &[u8]) -> Option<(Timestamp, Zeroizing<Vec<u8>>)> {
    let signed = key.sealing.open(purpose.label(), sealed).ok()?;
    let (signature, rest) = signed.split_first_chunk::<SIGNATURE_LEN>()?;
    let (end, payload) = rest.split_first_chunk::<END_LEN>()?;
    key.verifying.verify(&statement(purpose, *end, payload), signature).ok()?;
    Some((Timestamp::from_millis(i64::from_be_bytes(*end)), Zeroizing::new(payload.to_vec())))
}

/// What is signed. No label holds a NUL, so no two statements are made of the same bytes.
fn statement(purpose: Purpose, end: [u8; END_LEN], payload: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([purpose.label().as_bytes(), b"\0", &end, payload].concat())
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
