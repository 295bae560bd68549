//! What a mail says, as facts: whoever sends or shows it has the words. Kept sealed, because most have a link in them.

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_model::{LinkPurpose, OutboxMail, Rng, uuid_v7};
use tokenry_protocol::secret::Secret;

use crate::keyring::DataKey;

/// What a mail is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The reader's account is deleted.
    AccountDeleted,
    /// The reader's account would get another address, which the reader has to allow.
    AddressAllowance,
    /// The reader's account has another address.
    AddressChanged,
    /// The reader's account has another address, because an operator said so.
    AddressChangedByOperator,
    /// An account would get the reader's address, who has to say that it is theirs.
    AddressClaim,
    /// The reader's account has the address of before again, and no longer the reader's.
    AddressRestored,
    /// An account would get the reader's address, for which there is one already.
    AddressTaken,
    /// Somebody who knows the reader's password tries to guess the codes of the authenticator.
    CodesGuessed,
    /// The reader has deleted their account, and may take that back.
    DeletionRequested,
    /// The reader's account is not deleted after all.
    DeletionTakenBack,
    /// The reader may choose a first password.
    Invitation,
    /// The reader has signed in with a browser that is new.
    NewDevice,
    /// The reader can sign in by another passkey.
    PasskeyAdded,
    /// The reader can no longer sign in by one of the passkeys.
    PasskeyRemoved,
    /// The reader's password was changed.
    PasswordChanged,
    /// The reader has another password, because an operator said so.
    PasswordSetByOperator,
    /// A recovery code of the reader's was used.
    RecoveryCodeUsed,
    /// The reader has other recovery codes.
    RecoveryCodesMade,
    /// The reader, or whoever is signed in as the reader, made a personal access token.
    PatCreated,
    /// A personal access token of the reader's is about to expire.
    PatExpires,
    /// A personal access token of the reader's has another value, and the one before is dead.
    PatRefreshed,
    /// A personal access token of the reader's was revoked.
    PatRevoked,
    /// A personal access token of the reader's was revoked, because an operator said so.
    PatRevokedByOperator,
    /// A personal access token of the reader's has another value, and the one before works a while longer.
    PatRolled,
    /// The reader may choose a password anew.
    Reset,
    /// A second factor is asked for from the reader.
    SecondFactorAdded,
    /// No second factor is asked for from the reader any more.
    SecondFactorRemoved,
    /// No second factor is asked for from the reader any more, because an operator said so.
    SecondFactorRemovedByOperator,
    /// The reader may make an account.
    SignUp,
    /// The reader is asked to confirm the address.
    Verification,
}

impl About {
    /// What the row in the outbox says of it, in English whatever its reader reads: the subject line is the letter's.
    #[must_use]
    pub const fn subject(self) -> &'static str {
        match self {
            Self::AccountDeleted => "Your account was deleted",
            Self::AddressAllowance => "Allow another e-mail address",
            Self::AddressChanged | Self::AddressChangedByOperator => "Your e-mail address was changed",
            Self::AddressClaim => "Confirm your new e-mail address",
            Self::AddressRestored => "A change of address was taken back",
            Self::AddressTaken => "This e-mail address has an account",
            Self::CodesGuessed => "Somebody seems to know your password",
            Self::DeletionRequested => "Your account will be deleted",
            Self::DeletionTakenBack => "Your account stays",
            Self::Invitation => "Choose your password",
            Self::NewDevice => "A new sign-in",
            Self::PasskeyAdded => "A passkey was added",
            Self::PasskeyRemoved => "A passkey was removed",
            Self::PasswordChanged | Self::PasswordSetByOperator => "Your password was changed",
            Self::RecoveryCodeUsed => "A recovery code was used",
            Self::RecoveryCodesMade => "You have new recovery codes",
            Self::PatCreated => "A personal access token was made",
            Self::PatExpires => "A personal access token expires",
            Self::PatRefreshed | Self::PatRolled => "A personal access token was replaced",
            Self::PatRevoked | Self::PatRevokedByOperator => "A personal access token was revoked",
            Self::Reset => "Choose a new password",
            Self::SecondFactorAdded => "A second factor was added",
            Self::SecondFactorRemoved | Self::SecondFactorRemovedByOperator => {
                "The second factor was removed"
            }
            Self::SignUp => "Make your account",
            Self::Verification => "Confirm your e-mail address",
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

/// What a mail says.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is about.
    pub about: About,
    /// The server that it comes from, as the reader knows it: the issuer.
    pub issuer: String,
    /// Where the reader is to go. Whoever has it can do what the mail is about.
    pub link: Option<Secret>,
    /// When the link ends.
    pub ends_at: Option<Timestamp>,
    /// When what it is about happened.
    pub at: Timestamp,
    /// From where it was asked for.
    pub address: Option<String>,
    /// The mail address that an account has, or would have, in the place of the reader's.
    pub other: Option<String>,
    /// With which browser: never in a stranger's own words, which would come under our name.
    pub browser: Option<String>,
    /// In which language whoever it came of reads, as a BCP 47 tag.
    pub language: Option<String>,
}

/// The letter as it is sealed.
#[derive(Deserialize, Serialize)]
struct Written {
    about: About,
    issuer: String,
    link: Option<String>,
    ends_at: Option<i64>,
    at: i64,
    address: Option<String>,
    other: Option<String>,
    browser: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
}

impl Letter {
    /// Seals it for the outbox.
    pub(super) fn seal(&self, data_key: &DataKey, rng: &dyn Rng) -> OutboxMail {
        let id = uuid_v7(self.at, rng).to_string();
        let written = Written {
            about: self.about,
            issuer: self.issuer.clone(),
            link: self.link.as_ref().map(|link| link.expose().to_owned()),
            ends_at: self.ends_at.map(Timestamp::as_millis),
            at: self.at.as_millis(),
            address: self.address.clone(),
            other: self.other.clone(),
            browser: self.browser.clone(),
            language: self.language.clone(),
        };
        let text = serde_json::to_vec(&written).expect("texts and numbers always have a JSON form");
        OutboxMail {
            wrapped: data_key.seal(&purpose(&id), &zeroize::Zeroizing::new(text), rng),
            id,
            subject: self.about.subject().to_owned(),
            data_key_id: data_key.id().to_owned(),
            created_at: self.at,
        }
    }

    /// Opens one from the outbox. `None`: it was sealed by another key or for another mail.
    pub(super) fn open(id: &str, wrapped: &[u8], data_key: &DataKey) -> Option<Self> {
        let text = data_key.open(&purpose(id), wrapped).ok()?;
        let written: Written = serde_json::from_slice(&text).ok()?;
        Some(Self {
            about: written.about,
            issuer: written.issuer,
            link: written.link.map(Secret::new),
            ends_at: written.ends_at.map(Timestamp::from_millis),
            at: Timestamp::from_millis(written.at),
            address: written.address,
            other: written.other,
            browser: written.browser,
            language: written.language,
        })
    }
}

fn purpose(id: &str) -> String {
    format!("tokenry/mail/1/{id}")
}
