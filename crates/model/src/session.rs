//! A session: one sign-in of one user in one browser.

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::ids::{CompanyId, SessionId, UserId};
use crate::text_enum::text_enum;

text_enum! {
    /// How a user proved to be who they are (RFC 8176 §2).
    AuthMethod, "authentication method" {
        /// More than one factor.
        Multi = "mfa",
        /// A one-time password.
        OneTimePassword = "otp",
        /// A password.
        Password = "pwd",
        /// A key of which its holder showed that it is there, in whatever it is kept.
        ProofOfPossession = "pop",
        /// Somebody touched what the key is kept in, and showed to it that it is theirs.
        UserPresence = "user",
    }
}

/// One sign-in of one user in one browser. While its row is there and has not expired, the cookies that name it count.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`: stays the same for as long as the session lives, and is no secret.
    pub id: SessionId,
    /// Of the random value in its cookie, which is another one after every change of what the session may do.
    pub digest: Digest,
    /// Whose it is.
    pub user_id: UserId,
    /// The company that the user acts for; `None` before one was picked, and for who belongs to none.
    pub company_id: Option<CompanyId>,
    /// When the user last proved to be who they are: `auth_time`.
    pub auth_time: Timestamp,
    /// How: `amr`.
    pub amr: Vec<AuthMethod>,
    /// From which address.
    pub address: Option<String>,
    /// What the browser called itself, shortened.
    pub user_agent: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute: it ends when it is not used for a while.
    pub last_seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
}
