//! Which rule an input broke. No variant carries any of the input, so an error is safe to log.

/// The result of everything in this crate that can refuse.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The rule that an input broke.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The header's `alg` is not the one the key is bound to (RFC 8725 §3.1), or a JWK's `alg` does not fit
    /// its `kty`.
    #[error("the key is bound to another algorithm")]
    AlgorithmMismatch,
    /// The header's `alg` is not among those the caller expects.
    #[error("alg is not among the expected algorithms")]
    AlgorithmNotExpected,
    /// `alg` is missing, not a string, or names something this crate does not do, such as `none` or `HS256`.
    #[error("alg is missing or not one of EdDSA, ES256, PS256, RS256")]
    AlgorithmUnsupported,
    /// Not the canonical base64url without padding (RFC 7515 §2).
    #[error("not canonical base64url without padding")]
    Base64,
    /// The header has `zip`. JWS knows no compression (RFC 7516 §4.1.3 is for JWE).
    #[error("zip is not allowed in the header")]
    Compressed,
    /// The header has `crit`. This crate implements no extension, so every listed one is unknown (RFC 7515
    /// §4.1.11).
    #[error("crit names an extension that is not understood")]
    Critical,
    /// Two keys of a set have the same `kid` (RFC 7517 §4.5).
    #[error("two keys have the same kid")]
    DuplicateKid,
    /// The header has `enc`: a JWE where a JWS is expected.
    #[error("encrypted, where a signature is expected")]
    Encrypted,
    /// The key could not be generated.
    #[error("the key could not be generated")]
    Generation,
    /// JSON nested deeper than [`json::MAX_DEPTH`](crate::json::MAX_DEPTH).
    #[error("JSON is nested too deeply")]
    JsonDepth,
    /// A member occurs twice in one object (RFC 7515 §4, RFC 7519 §4).
    #[error("a JSON member occurs twice")]
    JsonDuplicate,
    /// JSON, but not the object that is due here.
    #[error("not a JSON object")]
    JsonNotObject,
    /// Not one JSON text (RFC 8259), or a number that cannot be represented.
    #[error("not a JSON text")]
    JsonSyntax,
    /// The RSA public exponent is even, below 65537 or above 32 bits.
    #[error("the RSA public exponent is out of range")]
    KeyExponent,
    /// The header carries or points to a key: `jwk`, `jku`, `x5c` or `x5u` (RFC 8725 §3.10).
    #[error("keys in the header are not allowed")]
    KeyInHeader,
    /// A member of the JWK is missing, of the wrong type, or not a valid encoding of its value; or the point
    /// is not on the curve.
    #[error("the key is malformed")]
    KeyMalformed,
    /// A private or symmetric key where a public key is due.
    #[error("a private key member in a public key")]
    KeyPrivate,
    /// The RSA modulus is shorter than 2048 or longer than 8192 bits.
    #[error("the RSA modulus is not of 2048 to 8192 bits")]
    KeySize,
    /// A key type or curve that no supported algorithm uses.
    #[error("the key type or curve is not supported")]
    KeyUnsupported,
    /// `use` or `key_ops` say that the key is not for verifying signatures (RFC 7517 §4.2, §4.3).
    #[error("the key is not meant for verifying signatures")]
    KeyUse,
    /// `kid` is not a string of 1 to 256 octets without control characters.
    #[error("kid is not a short printable string")]
    Kid,
    /// The header's `kid` is not that of the key.
    #[error("kid is that of another key")]
    KidMismatch,
    /// Not three parts separated by dots (RFC 7515 §3.1).
    #[error("not three parts separated by dots")]
    Parts,
    /// The PKCS#8 document is not a private key for the algorithm.
    #[error("not a PKCS#8 private key for this algorithm")]
    Pkcs8,
    /// A JWK Set is over 256 KiB, has over 64 keys, or is not `{"keys": [{…}, …]}`.
    #[error("the key set is too large or not an array of keys")]
    Set,
    /// The signature does not verify, for whatever reason.
    #[error("the signature does not verify")]
    Signature,
    /// The private key could not sign.
    #[error("the message could not be signed")]
    Signing,
    /// Longer than the caller allows, or the header is longer than 4 KiB.
    #[error("too large")]
    TooLarge,
    /// `typ` is missing, not a string, or not among those the caller expects (RFC 8725 §3.11).
    #[error("typ is not the expected one")]
    Typ,
    /// The header has `b64`: the unencoded payload of RFC 7797 is not supported.
    #[error("b64 is not allowed in the header")]
    Unencoded,
}
