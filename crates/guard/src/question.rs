//! What the issuer is asked about a credential, and whom to ask.

use std::net::IpAddr;
use std::sync::Arc;

use tokenry_protocol::Secret;
use tokenry_protocol::guard::SessionCheck;
use tokenry_protocol::introspection::MAX_CLIENT_USER_AGENT;

use crate::accept::Credential;
use crate::cache::Digest;
use crate::credential::SentCookie;
use crate::remote::{FetchError, Remote};
use crate::sent::Sent;
use crate::token::key;

/// Names a credential without being one: its kind and the digest of its text, of a cookie with its name. The same text of another
/// kind is another one.
pub(crate) type Key = (Credential, Digest);

/// A credential that says nothing by itself, as it was shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    key: Key,
    text: &'a str,
    /// A cookie's.
    name: Option<&'static str>,
}

impl<'a> Shown<'a> {
    pub(crate) const fn token(key: Key, text: &'a str) -> Self {
        Self { key, text, name: None }
    }

    /// What is said of a cookie is said of its name, too.
    pub(crate) fn cookie(SentCookie { name, value }: SentCookie<'a>) -> Self {
        let key = key(Credential::Cookie, &format!("{name}={value}"));
        Self { key, text: value, name: Some(name) }
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }
}

/// A question about a credential.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) key: Key,
    pub(crate) text: Secret,
    /// Under which name it came, if it is a cookie.
    cookie_name: Option<&'static str>,
    /// From where it is used: refused ones are counted by that, and an owner is told of the last use.
    client_address: Option<IpAddr>,
    /// With what, for the owner.
    client_user_agent: Option<String>,
}

impl Question {
    pub(crate) fn new(shown: Shown<'_>, sent: &Sent<'_>, client_address: Option<IpAddr>) -> Self {
        let Shown { key, text, name: cookie_name } = shown;
        let client_user_agent = match key.0 {
            // A client's token, or a question that has no room for a program.
            Credential::Cookie | Credential::Jwt | Credential::Opaque => None,
            Credential::Pat | Credential::Secret => sent.user_agent(MAX_CLIENT_USER_AGENT),
        };
        let text = Secret::new(text.to_owned());
        Self { key, text, cookie_name, client_address, client_user_agent }
    }
}

/// Whom to ask.
#[derive(Clone)]
pub(crate) enum Source {
    Remote(Arc<Remote>),
    /// A test's issuer, in this process.
    #[cfg(feature = "testing")]
    Shared(Arc<crate::testing::Answers>),
}

impl Source {
    /// The body of the answer.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Vec<u8>, FetchError> {
        match self {
            Self::Remote(remote) if question.key.0 == Credential::Cookie => {
                let cookie = question.text.clone();
                let name = question.cookie_name.map(str::to_owned);
                let client_address = question.client_address.map(|address| address.to_string());
                remote.check_session(&SessionCheck { cookie, name, client_address }).await
            }
            Self::Remote(remote) => {
                let address = question.client_address.map(|address| address.to_string());
                let used_by = [
                    ("client_address", address.as_deref()),
                    ("client_user_agent", question.client_user_agent.as_deref()),
                ];
                remote.introspect(&question.text, used_by).await
            }
            #[cfg(feature = "testing")]
            Self::Shared(answers) => Ok(answers.about(question.text.expose(), question.key.0)),
        }
    }
}
