//! HTTP Basic as OAuth has it: both halves form-encoded before the base64 (RFC 6749 §2.3.1, RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::form;
use crate::secret::Secret;

/// A client's identifier and secret from the `Authorization` header; neither is empty.
#[derive(Clone, Debug)]
pub struct Basic {
    /// Who the client says it is.
    pub client_id: String,
    /// What it says to prove it.
    pub client_secret: Secret,
}

/// The credentials are not base64 of two form-encoded halves around the one colon. Says nothing of the
/// content.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("Basic credentials must be base64 of form-encoded client_id, colon and form-encoded client_secret")]
pub struct MalformedBasic;

impl Basic {
    /// Reads the text after `Basic `.
    ///
    /// Characters that form encoding would have escaped are taken as they are, since encoders differ about
    /// `-._~!*'()`; those that would change the meaning are not.
    ///
    /// # Errors
    /// [`MalformedBasic`] for anything but canonical padded base64; a missing or second raw colon; a raw `%`,
    /// space, control or non-ASCII character; bad UTF-8 or NUL behind the encoding; an empty half.
    pub fn parse(b64: &str) -> Result<Self, MalformedBasic> {
        let mut decoded = Zeroizing::new(Vec::with_capacity(b64.len() / 4 * 3 + 3));
        STANDARD.decode_vec(b64, &mut decoded).map_err(|_| MalformedBasic)?;
        let colon = decoded.iter().position(|&byte| byte == b':').ok_or(MalformedBasic)?;
        let (client_id, client_secret) = (&decoded[..colon], &decoded[colon + 1..]);
        Ok(Self { client_id: half(client_id)?, client_secret: Secret::new(half(client_secret)?) })
    }

    /// Writes the text after `Basic `: what [`Basic::parse`] reads.
    #[must_use]
    pub fn encode(client_id: &str, client_secret: &Secret) -> Secret {
        // At most three characters for one byte: sized for that, it never moves and leaves no copy behind.
        let mut pair = Zeroizing::new(String::with_capacity(3 * (client_id.len() + client_secret.len()) + 1));
        pair.extend(form_urlencoded::byte_serialize(client_id.as_bytes()));
        pair.push(':');
        pair.extend(form_urlencoded::byte_serialize(client_secret.expose().as_bytes()));
        Secret::new(STANDARD.encode(pair.as_bytes()))
    }
}

fn half(encoded: &[u8]) -> Result<String, MalformedBasic> {
    if encoded.is_empty() || !encoded.iter().all(|&byte| matches!(byte, b'!'..=b'~') && byte != b':') {
        return Err(MalformedBasic);
    }
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    form::decode_into(encoded, &mut decoded).map_err(|_| MalformedBasic)?;
    if str::from_utf8(&decoded).is_err() || decoded.contains(&0) {
        return Err(MalformedBasic);
    }
    String::from_utf8(std::mem::take(&mut *decoded)).map_err(|_| MalformedBasic)
}
