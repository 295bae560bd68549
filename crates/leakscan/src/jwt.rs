//! Signed tokens: three parts, of which the first is the base64 of a JSON object with an algorithm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memmem;
use serde_json::Value;

use crate::Leak;

/// With what every JWT begins: `{"` in base64.
const BEGIN: &[u8] = b"eyJ";
/// How long a signature is at the least, in characters: 64 bytes.
const SIGNATURE: usize = 86;

/// Those whose signature is there too: without it a token opens nothing.
pub(crate) fn signed(bytes: &[u8]) -> Vec<Leak> {
    memmem::find_iter(bytes, BEGIN).filter(|at| is_signed(&bytes[*at..])).map(leak).collect()
}

fn is_signed(bytes: &[u8]) -> bool {
    let (header, rest) = part(bytes);
    let Some(rest) = rest.strip_prefix(b".") else { return false };
    let (payload, rest) = part(rest);
    let Some(rest) = rest.strip_prefix(b".") else { return false };
    let (signature, _rest) = part(rest);
    let header = URL_SAFE_NO_PAD.decode(header).ok();
    let header: Option<Value> = header.and_then(|json| serde_json::from_slice(&json).ok());
    header.is_some_and(|header| header["alg"].is_string())
        && payload.len() > 2
        && signature.len() >= SIGNATURE
}

/// The base64url digits at the beginning, and what follows them.
fn part(bytes: &[u8]) -> (&[u8], &[u8]) {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    bytes.split_at(bytes.iter().take_while(|byte| is_digit(byte)).count())
}

fn leak(at: usize) -> Leak {
    Leak { what: "a signed token", at, shown: "eyJ…".to_owned() }
}
