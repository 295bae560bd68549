//! What a mail says, as facts: whoever sends or shows it has the words. Kept sealed, because most have a link in them.

use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
pub use tokenry_model::About;
use tokenry_model::{Leak, LeakKind, OutboxMail, Rng, SecondFactors, uuid_v7};
use tokenry_protocol::secret::Secret;

use crate::keyring::DataKey;

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
    /// What of the reader's second factors stays, where that is to be told.
    pub factors: Staying,
    /// Which credentials of the reader's leaked.
    pub leaked: Vec<Leaked>,
}

/// A credential that leaked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Leaked {
    /// What it is.
    #[serde(with = "kind")]
    pub kind: LeakKind,
    /// What it ends with; empty where that is not said.
    pub last4: String,
    /// Whether it works no more.
    pub revoked: bool,
}

impl From<&Leak> for Leaked {
    fn from(leak: &Leak) -> Self {
        Self { kind: leak.kind, last4: leak.last4.clone(), revoked: leak.revoked }
    }
}

mod kind {
    use serde::de::{Deserialize as _, Deserializer, Error as _};
    use serde::ser::Serializer;
    use tokenry_model::LeakKind;

    pub(super) fn serialize<S: Serializer>(kind: &LeakKind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<LeakKind, D::Error> {
        LeakKind::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// How many second factors somebody has still.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Staying {
    /// How many passkeys.
    pub passkeys: usize,
    /// How many authenticators: one at the most.
    pub authenticators: usize,
}

impl Staying {
    const fn is_nothing(&self) -> bool {
        self.passkeys == 0 && self.authenticators == 0
    }
}

impl From<&SecondFactors> for Staying {
    fn from(factors: &SecondFactors) -> Self {
        Self {
            passkeys: factors.passkeys.len(),
            authenticators: usize::from(factors.authenticator.is_some()),
        }
    }
}

/// The letter as it is sealed.
#[derive(Deserialize, Serialize)]
struct Written {
    /// [`About::as_str`].
    about: String,
    issuer: String,
    link: Option<String>,
    ends_at: Option<i64>,
    at: i64,
    address: Option<String>,
    other: Option<String>,
    browser: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Staying::is_nothing")]
    factors: Staying,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaked: Vec<Leaked>,
}

impl Letter {
    /// Seals it for the outbox.
    pub(super) fn seal(&self, data_key: &DataKey, rng: &dyn Rng) -> OutboxMail {
        let id = uuid_v7(self.at, rng).to_string();
        let written = Written {
            about: self.about.as_str().to_owned(),
            issuer: self.issuer.clone(),
            link: self.link.as_ref().map(|link| link.expose().to_owned()),
            ends_at: self.ends_at.map(Timestamp::as_millis),
            at: self.at.as_millis(),
            address: self.address.clone(),
            other: self.other.clone(),
            browser: self.browser.clone(),
            language: self.language.clone(),
            factors: self.factors,
            leaked: self.leaked.clone(),
        };
        let text = serde_json::to_vec(&written).expect("texts and numbers always have a JSON form");
        OutboxMail {
            wrapped: data_key.seal(&purpose(&id), &zeroize::Zeroizing::new(text), rng),
            id,
            subject: self.about.as_str().to_owned(),
            data_key_id: data_key.id().to_owned(),
            created_at: self.at,
        }
    }

    /// Opens one from the outbox. `None`: it was sealed by another key or for another mail.
    pub(super) fn open(id: &str, wrapped: &[u8], data_key: &DataKey) -> Option<Self> {
        let text = data_key.open(&purpose(id), wrapped).ok()?;
        let written: Written = serde_json::from_slice(&text).ok()?;
        Some(Self {
            about: About::parse(&written.about).ok()?,
            issuer: written.issuer,
            link: written.link.map(Secret::new),
            ends_at: written.ends_at.map(Timestamp::from_millis),
            at: Timestamp::from_millis(written.at),
            address: written.address,
            other: written.other,
            browser: written.browser,
            language: written.language,
            factors: written.factors,
            leaked: written.leaked,
        })
    }
}

fn purpose(id: &str) -> String {
    format!("tokenry/mail/1/{id}")
}
