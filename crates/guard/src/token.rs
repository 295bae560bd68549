//! From the text of a token to what it says, or to the reason why it says nothing.

use std::sync::Arc;

use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, Expectations, Unverified, sha256};

use crate::cache::TokenCache;
use crate::claims::{Claims, Expected};
use crate::denied::{Denied, Reason};
use crate::keys::{KeySet, KeyStore};

/// The longest token that is looked at. Ours have about 900 characters.
const MAX_TOKEN: usize = 16 * 1024;

/// Any but an access token is refused by its type: ID tokens, logout tokens, client assertions (RFC 9068 §4).
const EXPECTATIONS: Expectations<'static> = Expectations { algorithms: &Algorithm::ALL, typ: &["at+jwt"] };

/// An access token whose signature and lasting claims were checked.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) claims: Claims,
    /// The payload as signed, for `claims_as`.
    pub(crate) payload: Box<[u8]>,
    /// The key set that it was checked against.
    key_epoch: u64,
}

/// Why there is no [`Token`].
pub(crate) enum Failure {
    Denied(Denied),
    /// The token names a key that is not in the set; a newer set may have it.
    UnknownKey(Denied),
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// Turns texts into tokens.
pub(crate) struct Verifier {
    pub(crate) expected: Expected,
    pub(crate) cache: TokenCache,
}

impl Verifier {
    /// 1. Known already, under the current key set? Else
    /// 2. framing and header, 3. the key by `kid`, 4. type, algorithm and signature, 5. the claims.
    /// 6. Time, always.
    pub(crate) fn verify(&self, text: &str, keys: &KeyStore, now: Timestamp) -> Result<Arc<Token>, Failure> {
        let Some(keys) = keys.current() else {
            return Err(Denied::new(Reason::KeysUnavailable).because("no key set was loaded yet").into());
        };
        let digest = sha256(text.as_bytes());
        let known = self.cache.find(&digest).filter(|token| token.key_epoch == keys.epoch());
        let token = match known {
            Some(token) => token,
            None => {
                let token = Arc::new(self.check(text, &keys)?);
                self.cache.insert(digest, Arc::clone(&token));
                token
            }
        };
        token.claims.check_time(now)?;
        Ok(token)
    }

    fn check(&self, text: &str, keys: &KeySet) -> Result<Token, Failure> {
        let refused = |error: tokenry_jose::Error| Denied::invalid_token(error.to_string());
        let unverified = Unverified::parse(text, MAX_TOKEN).map_err(refused)?;
        let kid = unverified.header().kid.as_deref();
        let Some(key) = keys.find(kid) else {
            let denied = Denied::invalid_token(match kid {
                Some(kid) => format!("kid {kid:?} is not in the key set of {:?}", self.expected.issuer),
                None => "the token names no key, and the key set has not exactly one".to_owned(),
            });
            return Err(if kid.is_some() { Failure::UnknownKey(denied) } else { Failure::Denied(denied) });
        };
        let verified = unverified.verify(key, &EXPECTATIONS).map_err(refused)?;
        let claims = Claims::check(&verified.claims().map_err(refused)?, &self.expected)?;
        Ok(Token { claims, payload: verified.payload().into(), key_epoch: keys.epoch() })
    }
}

impl Token {
    /// About how many bytes of memory it takes: the claims are in it once as JSON, once as values.
    pub(crate) fn weight(&self) -> u32 {
        let bytes = 2 * self.payload.len() + 512;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}
