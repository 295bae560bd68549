//! `GET /whoami`: a token seen before costs a look-up and its expiry; a new one is verified and remembered.
//! `GET /whoami/unseen`: every token is a new one.

use std::collections::HashMap;

use aws_lc_rs::signature::ParsedPublicKey;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde::Deserialize;

use crate::now;

/// The last characters of a token's signature. They are as good as random, since only verified tokens are kept.
type Tail = [u8; 16];

/// Tokens whose signature has been verified.
pub(crate) struct SeenTokens {
    key: ParsedPublicKey,
    tokens: Mutex<HashMap<Tail, Seen>>,
}

struct Seen {
    token: Box<[u8]>,
    expires_at: u64,
    answer: Bytes,
}

#[derive(Deserialize)]
struct Claims<'a> {
    azp: &'a str,
    exp: u64,
    scope: &'a str,
}

impl SeenTokens {
    pub(crate) fn new(key: ParsedPublicKey) -> Self {
        Self { key, tokens: Mutex::default() }
    }

    pub(crate) fn answer(&self, headers: &HeaderMap) -> Result<Bytes, StatusCode> {
        let token = bearer(headers).ok_or(StatusCode::UNAUTHORIZED)?;
        let tail = *token.last_chunk().ok_or(StatusCode::UNAUTHORIZED)?;
        let mut tokens = self.tokens.lock();
        if let Some(seen) = tokens.get(&tail)
            && *seen.token == *token
        {
            return if seen.expires_at > now() {
                Ok(seen.answer.clone())
            } else {
                Err(StatusCode::UNAUTHORIZED)
            };
        }
        let token = std::str::from_utf8(token).map_err(|_| StatusCode::UNAUTHORIZED)?;
        let seen = self.verify(token).ok_or(StatusCode::UNAUTHORIZED)?;
        let answer = seen.answer.clone();
        tokens.insert(tail, seen);
        Ok(answer)
    }

    pub(crate) fn answer_unseen(&self, headers: &HeaderMap) -> Result<Bytes, StatusCode> {
        let token = bearer(headers).and_then(|token| std::str::from_utf8(token).ok());
        let seen = token.and_then(|token| self.verify(token)).ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(seen.answer)
    }

    fn verify(&self, token: &str) -> Option<Seen> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.key.verify_sig(signed.as_bytes(), &signature).ok()?;
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Claims<'_> = serde_json::from_slice(&claims).ok()?;
        let allowed = claims.exp > now() && claims.scope.split(' ').any(|scope| scope == "read:timesheets");
        allowed.then(|| Seen {
            token: token.as_bytes().into(),
            expires_at: claims.exp,
            answer: serde_json::json!({ "principal": claims.azp, "scope": claims.scope }).to_string().into(),
        })
    }
}

/// As bytes: a token that was verified once needs no second look at its characters.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(AUTHORIZATION)?.as_bytes().strip_prefix(b"Bearer ")
}
