//! What the issuer is asked about a credential, and whom to ask.

use std::net::IpAddr;
use std::sync::Arc;

use tokenry_protocol::Secret;
use tokenry_protocol::guard::SessionCheck;
use tokenry_protocol::introspection::MAX_CLIENT_USER_AGENT;

use crate::accept::Credential;
use crate::cache::Digest;
use crate::remote::{FetchError, Remote};
use crate::sent::Sent;

/// Names a credential without being one: its kind and the digest of its text. The same text of another kind is another one.
pub(crate) type Key = (Credential, Digest);

/// A question about a credential.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) key: Key,
    pub(crate) text: Secret,
    /// From where it is used: refused ones are counted by that, and an owner is told of the last use.
    client_address: Option<IpAddr>,
    /// With what, for the owner.
    client_user_agent: Option<String>,
}

impl Question {
    pub(crate) fn new(key: Key, text: &str, sent: &Sent<'_>, client_address: Option<IpAddr>) -> Self {
        let client_user_agent = match key.0 {
            // A client's token, or a question that has no room for a program.
            Credential::Cookie | Credential::Jwt | Credential::Opaque => None,
            Credential::Pat | Credential::Secret => sent.user_agent(MAX_CLIENT_USER_AGENT),
        };
        Self { key, text: Secret::new(text.to_owned()), client_address, client_user_agent }
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
                let client_address = question.client_address.map(|address| address.to_string());
                remote.check_session(&SessionCheck { cookie: question.text.clone(), client_address }).await
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
