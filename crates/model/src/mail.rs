//! Mail: what is waiting to be sent, and the links in it, each of which is used once.

use std::time::Duration;

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::text_enum::text_enum;

text_enum! {
    /// What a link in a mail is for.
    LinkPurpose, "purpose of a link" {
        /// Choosing the first password.
        Invitation = "invitation",
        /// Choosing a password anew.
        Reset = "reset",
        /// Proving that the address is the user's.
        Verification = "verification",
    }
}

impl LinkPurpose {
    /// How long such a link may be used.
    #[must_use]
    pub const fn ttl(self) -> Duration {
        match self {
            Self::Invitation => Duration::from_secs(7 * 86_400),
            Self::Reset => Duration::from_secs(30 * 60),
            Self::Verification => Duration::from_secs(86_400),
        }
    }
}

/// A link in a mail. What is random in it is kept as a digest.
#[derive(Clone, Debug)]
pub struct MailLink {
    /// Of what is random in it.
    pub digest: Digest,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is dead.
    pub expires_at: Timestamp,
}

impl MailLink {
    /// A link that begins now.
    #[must_use]
    pub fn new(digest: Digest, purpose: LinkPurpose, now: Timestamp) -> Self {
        Self { digest, purpose, created_at: now, expires_at: now.plus(purpose.ttl()) }
    }
}

/// A mail that is to be sent.
#[derive(Clone, Debug)]
pub struct OutboxMail {
    /// Names it.
    pub id: String,
    /// Its subject line, which tells nothing but what it is about.
    pub subject: String,
    /// What it says, sealed by the data key for this very mail.
    pub wrapped: Vec<u8>,
    /// The data key that sealed it.
    pub data_key_id: String,
    /// When it was written.
    pub created_at: Timestamp,
}
