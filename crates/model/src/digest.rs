//! What is stored of a random secret: SHA-256 under a domain prefix.

use tokenry_jose::{constant_time_eq, sha256};
use tokenry_protocol::secret::Secret;
use zeroize::Zeroizing;

/// What a digest is a digest of, so that one kind of secret can never be looked up as another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DigestDomain {
    /// The secret of a developer's account.
    AccountSecret,
    /// The `jti` of a client assertion.
    AssertionId,
    /// An authorization code.
    AuthorizationCode,
    /// A client's secret.
    ClientSecret,
    /// The random value in the cookie of a browser, with the id of a user who signed in there.
    Device,
    /// What is sent by mail, to be used once.
    MailLink,
    /// An opaque access token.
    OpaqueToken,
    /// A personal access token.
    PersonalAccessToken,
    /// A code that stands in for a second factor, once.
    RecoveryCode,
    /// A refresh token.
    RefreshToken,
    /// A resource server's own secret.
    ResourceServerSecret,
    /// The random value in a session's cookie.
    Session,
}

impl DigestDomain {
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::AccountSecret => b"tokenry/account-secret/1\0",
            Self::AssertionId => b"tokenry/assertion-id/1\0",
            Self::AuthorizationCode => b"tokenry/authorization-code/1\0",
            Self::ClientSecret => b"tokenry/client-secret/1\0",
            Self::Device => b"tokenry/device/1\0",
            Self::MailLink => b"tokenry/mail-link/1\0",
            Self::OpaqueToken => b"tokenry/opaque-token/1\0",
            Self::PersonalAccessToken => b"tokenry/personal-access-token/1\0",
            Self::RecoveryCode => b"tokenry/recovery-code/1\0",
            Self::RefreshToken => b"tokenry/refresh-token/1\0",
            Self::ResourceServerSecret => b"tokenry/resource-server-secret/1\0",
            Self::Session => b"tokenry/session/1\0",
        }
    }
}

/// A digest of a random secret of 256 bits. No `==`: what compares two does so in constant time. Most are looked up instead,
/// and how long that takes tells of the presented one alone (`docs/concepts/random-secrets.md`).
#[derive(Clone, Debug)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a secret.
    #[must_use]
    pub fn of(domain: DigestDomain, secret: &Secret) -> Self {
        let value = secret.expose().as_bytes();
        let mut input = Zeroizing::new(Vec::with_capacity(domain.prefix().len() + value.len()));
        input.extend_from_slice(domain.prefix());
        input.extend_from_slice(value);
        Self(sha256(&input))
    }

    /// A digest read from storage.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are digests of the same secret; takes the same time whatever they hold.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_belongs_to_its_domain() {
        let secret = Secret::new("correct horse".to_owned());
        let client = Digest::of(DigestDomain::ClientSecret, &secret);
        assert!(client.matches(&Digest::of(DigestDomain::ClientSecret, &secret)));
        assert!(!client.matches(&Digest::of(DigestDomain::ResourceServerSecret, &secret)));
    }
}
