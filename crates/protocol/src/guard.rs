//! The wire types of `/guard/v1`, between the authorization server and the guards of an API.
//!
//! A guard takes a snapshot, follows the events after the number that it was taken at, and acknowledges what it has
//! applied. Unknown members and kinds are passed over, so that an older guard understands a newer server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::introspection::Response;
use crate::secret::Secret;

/// The path of the snapshot.
pub const SNAPSHOT_PATH: &str = "/guard/v1/snapshot";
/// The path of the events.
pub const EVENTS_PATH: &str = "/guard/v1/events";
/// The path of acknowledgements.
pub const ACK_PATH: &str = "/guard/v1/ack";
/// The path at which a guard asks what a cookie for APIs is.
pub const SESSION_CHECK_PATH: &str = "/guard/v1/session-check";

/// How old what a guard knows may be: anything older is stale. While its stream of events is fresh, whatever was ended is dead there
/// after so long at the latest.
pub const STALE_AFTER: Duration = Duration::from_secs(2);
/// The name of the cookie for APIs where it is for one host, all of it, and HTTPS (RFC 6265bis §4.1.3.2). Whatever the brand.
pub const HOST_API_COOKIE: &str = "__Host-tokenry_api";
/// Its name where it is for more than one host, or for less than all of it: for HTTPS alone (RFC 6265bis §4.1.3.1).
pub const SECURE_API_COOKIE: &str = "__Secure-tokenry_api";

/// The answer of `GET /guard/v1/snapshot`: all that a guard must know before it can follow the events.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Snapshot {
    /// The API that this is for; a guard of another one must refuse it.
    pub audience: String,
    /// When the database was read, in milliseconds since the Unix epoch.
    pub issued_at: i64,
    /// The number of the last event that is surely in it; later ones may be, and may be applied again.
    pub seq: i64,
    /// The [tag](Event::tag) of that event; empty if there is none.
    #[serde(default)]
    pub tag: String,
    /// The key set that verifies tokens (RFC 7517 §5).
    pub jwks: Value,
    /// The enabled companies of each corporation. One that has none is there too, with an empty list.
    pub corporations: BTreeMap<String, Vec<String>>,
    /// The companies for which nobody may act.
    pub disabled_companies: Vec<String>,
    /// What was revoked and has not expired. Last, because there may be a million.
    pub revoked: Vec<Revoked>,
}

/// Something that tokens hang on, and that is dead for good.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revoked {
    /// What it is.
    pub what: RevokedKind,
    /// Its name as tokens have it.
    pub value: String,
    /// When the last token that hangs on it has expired, in seconds since the Unix epoch: nobody need know it then.
    pub expires_at: i64,
}

/// What tokens hang on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedKind {
    /// The first eleven characters of a `jti`: every token that begins with them.
    Handle,
    /// A `kid`: every token that this key signed.
    Key,
    /// A whole `jti`: that one token.
    Token,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One event: what changed for one API, in that API's own numbers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Event {
    /// The number, one more than that of the API's event before. A guard that misses one takes a new snapshot.
    pub seq: i64,
    /// Tells it from another event of that number: a database that was restored lacks the last events, and gives their
    /// numbers again. Whoever goes on after an event says its tag, and takes a new snapshot if it is not the same.
    #[serde(default)]
    pub tag: String,
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
}

/// What a guard must learn. Applying one twice is applying it once.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Nobody may act for the company any more.
    CompanyDisabled {
        /// Which.
        company: String,
    },
    /// The company may be acted for again, with new tokens.
    CompanyEnabled {
        /// Which.
        company: String,
    },
    /// A corporation has one company more.
    CompanyJoined {
        /// The corporation.
        corporation: String,
        /// The company.
        company: String,
    },
    /// A corporation has one company less.
    CompanyLeft {
        /// The corporation.
        corporation: String,
        /// The company.
        company: String,
    },
    /// There is another key set.
    Keys {
        /// The whole set (RFC 7517 §5).
        jwks: Value,
    },
    /// Something that tokens hang on is dead for good.
    Revoked(Revoked),
    /// What a user may do by credentials of their own may be another thing now: what is remembered of it counts no more.
    SubjectChanged {
        /// The user, as `sub` names them; absent: whoever it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
    },
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The names of the server-sent events of `GET /guard/v1/events`.
pub mod event_name {
    /// The first one, with an [`Open`](super::Open).
    pub const OPEN: &str = "open";
    /// A change, with an [`Event`](super::Event).
    pub const CHANGE: &str = "change";
    /// Nothing is missing, with a [`Complete`](super::Complete); one a second.
    pub const COMPLETE: &str = "complete";
}

/// The first message of a stream.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Open {
    /// Names this stream in acknowledgements.
    pub stream: String,
    /// The guard's name, the one that it gave or one that it was given.
    pub guard: String,
}

/// Every change that was committed before the database was read has been sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Complete {
    /// The number of the last event.
    pub seq: i64,
    /// The [tag](Event::tag) of that event; empty if there is none.
    #[serde(default)]
    pub tag: String,
    /// When the database was read, in milliseconds since the Unix epoch. For people: clocks differ and are set.
    pub at: i64,
    /// The same as milliseconds since the stream was opened, by a clock that is never set. A guard that asked for
    /// the stream at its own instant `t` knows all that was committed before `t + elapsed`, however late it hears of it.
    pub elapsed_ms: u64,
}

/// The body of `POST /guard/v1/ack`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ack {
    /// The stream, as [`Open`] named it.
    pub stream: String,
    /// The last event that is applied.
    pub seq: i64,
    /// Its [tag](Event::tag): an event of another one is not what was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The guard goes away and refuses everything from now on: nobody waits for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_off: bool,
}

/// The body of `POST /guard/v1/session-check`. It holds a secret, so it serialises by [`SessionCheck::to_json`] alone.
#[derive(Clone, Debug)]
pub struct SessionCheck {
    /// The value of the cookie for APIs, as the browser sent it.
    pub cookie: Secret,
    /// Under which name: [`HOST_API_COOKIE`] or [`SECURE_API_COOKIE`]. Under any but the one that the server sets, whatever it is is
    /// not active. `None`, which older guards send: under the right one.
    pub name: Option<String>,
    /// Where the request came from that brought it, as the API says: refused cookies are counted by that address, if it is one,
    /// in place of the API's own.
    pub client_address: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct WireSessionCheck {
    cookie: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_address: Option<String>,
}

impl SessionCheck {
    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let Self { cookie, name, client_address } = self.clone();
        let wire = WireSessionCheck { cookie: cookie.expose().to_owned(), name, client_address };
        serde_json::to_vec(&wire).expect("strings always serialise")
    }

    /// Reads the body; unknown members are passed over.
    ///
    /// # Errors
    /// It is no JSON, has no `cookie`, or a member that is no string. The error quotes nothing of it.
    pub fn from_json(body: &[u8]) -> Result<Self, InvalidSessionCheck> {
        let wire: WireSessionCheck =
            serde_json::from_slice(body).map_err(|_quotes_it| InvalidSessionCheck)?;
        let WireSessionCheck { cookie, name, client_address } = wire;
        Ok(Self { cookie: Secret::new(cookie), name, client_address })
    }
}

/// The body is no [`SessionCheck`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected is a JSON object with the member cookie, a string")]
pub struct InvalidSessionCheck;

/// The answer of `POST /guard/v1/session-check`: what is said of a token, and what proves that a request comes from the
/// session's own page.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SessionChecked {
    /// As at introspection, with the session's handle in `jti`, so that the end of the session is the end of the answer.
    #[serde(flatten)]
    pub said: Response,
    /// The SHA-256 digest of the session's CSRF token, in base64url without padding; with an active session alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_sha256: Option<String>,
}
