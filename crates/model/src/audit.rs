//! An audit record: who did what to what, from where, with what outcome, under a content hash.

use std::net::IpAddr;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_jose::sha256;

use crate::event::Event;
use crate::ids::{
    ClientGrantId, ClientId, CompanyId, CorporationId, IntegrationId, PatId, ResourceServerId, SecretId,
    SessionId, UserId,
};

/// Who acted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// Nobody who proved to be anyone.
    Anonymous,
    /// An application acting as itself.
    Client(ClientId),
    /// Whoever runs the command line on the host.
    Operator,
    /// An API, with its own credential.
    ResourceServer(ResourceServerId),
    /// Tokenry itself.
    System,
    /// A person.
    User(UserId),
}

/// What was acted upon.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A client.
    Client(ClientId),
    /// A client grant.
    ClientGrant(ClientGrantId),
    /// A company.
    Company(CompanyId),
    /// A corporation.
    Corporation(CorporationId),
    /// An integration.
    Integration(IntegrationId),
    /// A signing key, by `kid`.
    Key(String),
    /// A personal access token.
    Pat(PatId),
    /// An API.
    ResourceServer(ResourceServerId),
    /// A role, by its name.
    Role(String),
    /// A client's or API's secret, by its id.
    Secret(SecretId),
    /// A session.
    Session(SessionId),
    /// A token, by `jti`; what was granted with it, by its handle.
    Token(String),
    /// A user.
    User(UserId),
}

/// How it ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Refused, with a stable reason.
    Refused(&'static str),
    /// Done.
    Success,
}

/// One audit record.
#[derive(Clone, Debug)]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// Who.
    pub actor: Actor,
    /// On what.
    pub subject: Option<Subject>,
    /// For which company.
    pub company: Option<CompanyId>,
    /// From where: an address, or for an aggregate the network it lies in.
    pub address: Option<String>,
    /// The request that it belongs to.
    pub request_id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Further facts, never a secret.
    pub detail: Map<String, Value>,
    /// How many events the record stands for: more than one only for refusals before authentication.
    pub count: i64,
}

impl Record {
    /// A successful single event with neither address nor request.
    #[must_use]
    pub fn new(at: Timestamp, event: Event, actor: Actor, subject: Option<Subject>) -> Self {
        Self {
            at,
            event,
            actor,
            subject,
            company: None,
            address: None,
            request_id: None,
            outcome: Outcome::Success,
            detail: Map::new(),
            count: 1,
        }
    }

    /// The same of what a user did to their own account, where it becomes known late who that is.
    #[must_use]
    pub fn of_user(self, user: &UserId) -> Self {
        Self { actor: Actor::User(user.clone()), subject: Some(Subject::User(user.clone())), ..self }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    /// The further facts as JSON text, as they are stored and hashed.
    #[must_use]
    pub fn detail_text(&self) -> String {
        serde_json::to_string(&self.detail).expect("an object of JSON values always has a JSON form")
    }

    /// The record as it is stored; `detail` is its [`Self::detail_text`].
    #[must_use]
    pub fn columns<'a>(&'a self, detail: &'a str) -> RecordColumns<'a> {
        RecordColumns {
            at: self.at.as_millis(),
            event: self.event.as_str(),
            actor_kind: self.actor.kind(),
            actor_id: self.actor.id(),
            subject_kind: self.subject.as_ref().map(Subject::kind),
            subject_id: self.subject.as_ref().map(Subject::id),
            company_id: self.company.as_ref().map(CompanyId::as_str),
            address: self.address.as_deref(),
            request_id: self.request_id.as_deref(),
            outcome: self.outcome.as_str(),
            detail,
            count: self.count,
        }
    }

    /// SHA-256 over every field, each in its place, so that a changed record shows.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        self.columns(&self.detail_text()).content_hash()
    }
}

/// An audit record as it is stored: words and ids as text, so that one can be checked that no longer reads back.
#[derive(Clone, Copy, Debug)]
pub struct RecordColumns<'a> {
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// What.
    pub event: &'a str,
    /// Who: the kind of actor.
    pub actor_kind: &'a str,
    /// Who: the id, where there is one.
    pub actor_id: Option<&'a str>,
    /// On what: the kind of subject.
    pub subject_kind: Option<&'a str>,
    /// On what: the id.
    pub subject_id: Option<&'a str>,
    /// For which company.
    pub company_id: Option<&'a str>,
    /// From where.
    pub address: Option<&'a str>,
    /// The request that it belongs to.
    pub request_id: Option<&'a str>,
    /// `success`, or why not.
    pub outcome: &'a str,
    /// Further facts, as JSON text.
    pub detail: &'a str,
    /// How many events it stands for.
    pub count: i64,
}

impl RecordColumns<'_> {
    /// SHA-256 over every column, each in its place: what is stored beside them.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        const VERSION: u8 = 1;
        let fields = (
            VERSION,
            self.at,
            self.event,
            self.actor_kind,
            self.actor_id,
            self.subject_kind,
            self.subject_id,
            self.company_id,
            self.address,
            self.request_id,
            self.outcome,
            self.detail,
            self.count,
        );
        sha256(&serde_json::to_vec(&fields).expect("text and integers always have a JSON form"))
    }
}

impl Actor {
    /// The stored word for the kind of actor.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Client(_) => "client",
            Self::Operator => "operator",
            Self::ResourceServer(_) => "api",
            Self::System => "system",
            Self::User(_) => "user",
        }
    }

    /// The actor's id, where it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Anonymous | Self::Operator | Self::System => None,
            Self::Client(id) => Some(id.as_str()),
            Self::ResourceServer(id) => Some(id.as_str()),
            Self::User(id) => Some(id.as_str()),
        }
    }
}

impl Subject {
    /// The stored word for the kind of subject.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::ClientGrant(_) => "grant",
            Self::Company(_) => "company",
            Self::Corporation(_) => "corporation",
            Self::Integration(_) => "integration",
            Self::Key(_) => "key",
            Self::Pat(_) => "pat",
            Self::ResourceServer(_) => "api",
            Self::Role(_) => "role",
            Self::Secret(_) => "secret",
            Self::Session(_) => "session",
            Self::Token(_) => "token",
            Self::User(_) => "user",
        }
    }

    /// The subject's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Client(id) => id.as_str(),
            Self::ClientGrant(id) => id.as_str(),
            Self::Company(id) => id.as_str(),
            Self::Corporation(id) => id.as_str(),
            Self::Integration(id) => id.as_str(),
            Self::Key(id) | Self::Role(id) | Self::Token(id) => id,
            Self::Pat(id) => id.as_str(),
            Self::ResourceServer(id) => id.as_str(),
            Self::Secret(id) => id.as_str(),
            Self::Session(id) => id.as_str(),
            Self::User(id) => id.as_str(),
        }
    }
}

impl Outcome {
    /// `success`, or the reason.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Refused(reason) => reason,
            Self::Success => "success",
        }
    }
}

/// The network that stands for an address where single ones are not kept: its /24, or /48 (IPv6).
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_hash_covers_every_field() {
        let base = RecordColumns {
            at: 1,
            event: "event",
            actor_kind: "actor kind",
            actor_id: Some("actor"),
            subject_kind: Some("subject kind"),
            subject_id: Some("subject"),
            company_id: Some("company"),
            address: Some("address"),
            request_id: Some("request"),
            outcome: "outcome",
            detail: "{}",
            count: 1,
        };
        // Absent is told from empty, and a text in one column from the same text in its neighbour.
        let changed = [
            base,
            RecordColumns { at: 2, ..base },
            RecordColumns { event: "other", ..base },
            RecordColumns { actor_kind: "other", ..base },
            RecordColumns { actor_id: None, ..base },
            RecordColumns { actor_id: Some(""), ..base },
            RecordColumns { subject_kind: None, ..base },
            RecordColumns { subject_kind: Some("subject"), subject_id: Some("subject kind"), ..base },
            RecordColumns { subject_id: None, ..base },
            RecordColumns { company_id: None, ..base },
            RecordColumns { address: None, ..base },
            RecordColumns { address: Some("request"), request_id: Some("address"), ..base },
            RecordColumns { request_id: None, ..base },
            RecordColumns { outcome: "other", ..base },
            RecordColumns { detail: "{\"a\":1}", ..base },
            RecordColumns { count: 2, ..base },
        ];
        let hashes: BTreeSet<_> = changed.iter().map(RecordColumns::content_hash).collect();
        assert_eq!(hashes.len(), changed.len());
    }

    #[test]
    fn a_record_hashes_as_its_columns() {
        let cron = ClientId::parse("cron").unwrap();
        let record = Record::new(Timestamp::EPOCH, Event::TokenIssued, Actor::Client(cron), None);
        let record = record.with("scope", "a");
        assert_eq!(record.detail_text(), r#"{"scope":"a"}"#);
        assert_eq!(record.content_hash(), record.columns(r#"{"scope":"a"}"#).content_hash());
    }

    #[test]
    fn networks_hide_the_host() {
        assert_eq!(network("203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("::ffff:203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2::3".parse().unwrap()), "2001:db8:1::/48");
    }
}
