//! Mail: what is waiting to be sent, and the links in it, each of which is used once.

use std::time::Duration;

use tokenry_clock::Timestamp;

use crate::digest::Digest;
use crate::text_enum::text_enum;

text_enum! {
    /// What a mail is about.
    About, "matter of a mail" {
        /// The reader's account is deleted.
        AccountDeleted = "account_deleted",
        /// The reader is a developer now, and has an account secret.
        AccountSecretAssigned = "account_secret_assigned",
        /// The reader's account secret was shown to whoever is signed in as the reader.
        AccountSecretRevealed = "account_secret_revealed",
        /// The reader's account secret was shown to an operator.
        AccountSecretRevealedByOperator = "account_secret_revealed_by_operator",
        /// The reader's account secret was revoked.
        AccountSecretRevoked = "account_secret_revoked",
        /// The reader's account secret was revoked, because an operator said so.
        AccountSecretRevokedByOperator = "account_secret_revoked_by_operator",
        /// The reader has another account secret.
        AccountSecretRotated = "account_secret_rotated",
        /// The reader has another account secret, because an operator said so.
        AccountSecretRotatedByOperator = "account_secret_rotated_by_operator",
        /// The reader's account would get another address, which the reader has to allow.
        AddressAllowance = "address_allowance",
        /// The reader's account has another address.
        AddressChanged = "address_changed",
        /// The reader's account has another address, because an operator said so.
        AddressChangedByOperator = "address_changed_by_operator",
        /// An account would get the reader's address, who has to say that it is theirs.
        AddressClaim = "address_claim",
        /// The reader's account has the address of before again, and no longer the reader's.
        AddressRestored = "address_restored",
        /// An account would get the reader's address, for which there is one already.
        AddressTaken = "address_taken",
        /// Somebody who knows the reader's password tries to guess the codes of the authenticator.
        CodesGuessed = "codes_guessed",
        /// Credentials of the reader's were seen where others can see them, too.
        CredentialsLeaked = "credentials_leaked",
        /// The reader has deleted their account, and may take that back.
        DeletionRequested = "deletion_requested",
        /// The reader's account is not deleted after all.
        DeletionTakenBack = "deletion_taken_back",
        /// The reader's account is not deleted after all, because an operator said so.
        DeletionTakenBackByOperator = "deletion_taken_back_by_operator",
        /// An account that had the reader's address until lately is to be deleted, and the reader can take that back.
        FormerAccountLeaving = "former_account_leaving",
        /// The reader may choose a first password.
        Invitation = "invitation",
        /// The reader has signed in with a browser that is new.
        NewDevice = "new_device",
        /// The reader can sign in by another passkey.
        PasskeyAdded = "passkey_added",
        /// The reader can no longer sign in by one of the passkeys.
        PasskeyRemoved = "passkey_removed",
        /// The reader's password was changed.
        PasswordChanged = "password_changed",
        /// The reader has another password, because an operator said so.
        PasswordSetByOperator = "password_set_by_operator",
        /// A recovery code of the reader's was used.
        RecoveryCodeUsed = "recovery_code_used",
        /// The reader has other recovery codes.
        RecoveryCodesMade = "recovery_codes_made",
        /// A personal access token was made for the reader, by whoever is signed in as the reader.
        PatCreated = "pat_created",
        /// A personal access token of the reader's is about to expire.
        PatExpires = "pat_expires",
        /// A personal access token of the reader's has another value, and the one before is dead.
        PatRefreshed = "pat_refreshed",
        /// A personal access token of the reader's was revoked.
        PatRevoked = "pat_revoked",
        /// A personal access token of the reader's was revoked, because an operator said so.
        PatRevokedByOperator = "pat_revoked_by_operator",
        /// A personal access token of the reader's has another value, and the one before works a while longer.
        PatRolled = "pat_rolled",
        /// The reader may choose a password anew.
        Reset = "reset",
        /// A second factor is asked for from the reader.
        SecondFactorAdded = "second_factor_added",
        /// No second factor is asked for from the reader any more.
        SecondFactorRemoved = "second_factor_removed",
        /// No second factor is asked for from the reader any more, because an operator said so.
        SecondFactorRemovedByOperator = "second_factor_removed_by_operator",
        /// The reader may make an account.
        SignUp = "sign_up",
        /// The reader is asked to confirm the address.
        Verification = "verification",
    }
}

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

impl From<LinkPurpose> for About {
    fn from(purpose: LinkPurpose) -> Self {
        match purpose {
            LinkPurpose::Invitation => Self::Invitation,
            LinkPurpose::Reset => Self::Reset,
            LinkPurpose::Verification => Self::Verification,
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
    /// What it is about, as [`About::as_str`] has it: the subject line is made when it is sent, in the language of its reader.
    pub subject: String,
    /// What it says, sealed by the data key for this very mail.
    pub wrapped: Vec<u8>,
    /// The data key that sealed it.
    pub data_key_id: String,
    /// When it was written.
    pub created_at: Timestamp,
}
