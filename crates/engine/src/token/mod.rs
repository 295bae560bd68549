//! The token endpoint's verb: one file a grant.

mod authorization_code;
mod client_credentials;
mod family;
mod handle;
mod refresh_token;
mod successor;

use tokenry_model::{ClientId, ErrorStyle};
use tokenry_protocol::error::Error;
use tokenry_protocol::token::{Grant, Request, Response};

use crate::context::Context;
use crate::engine::Engine;
use crate::quotas::QuotaStanding;
use crate::refusal::Refusal;

pub(crate) use family::LivingFamily;

/// How often a request is decided anew because what it rests on changed while it was being decided.
const ATTEMPTS: usize = 5;

/// A token was issued; its audit record is durable.
#[derive(Debug)]
pub struct Issued {
    /// For the client.
    pub response: Response,
    /// Who asked.
    pub client_id: ClientId,
    /// The API that the token is for.
    pub audience: String,
    /// The grant type.
    pub grant: &'static str,
    /// In whose words the client is answered.
    pub error_style: ErrorStyle,
    /// How it stands with its quotas, if it has any.
    pub quotas: Vec<QuotaStanding>,
}

impl Engine {
    /// Answers a token request (RFC 6749 §3.2).
    ///
    /// # Errors
    /// A refusal, counted or recorded; nothing else has changed then.
    pub async fn token(&self, request: Request, context: &Context) -> Result<Issued, Refusal> {
        match request.grant {
            Grant::AuthorizationCode(grant) => {
                self.authorization_code(&request.client, &grant, context).await
            }
            Grant::ClientCredentials(grant) => {
                self.client_credentials(&request.client, &grant, context).await
            }
            Grant::RefreshToken(grant) => self.refresh_token(&request.client, &grant, context).await,
        }
    }

    /// Counts a request that was refused before it could be understood. Never waits.
    pub fn note_refusal(&self, error: &Error, context: &Context) {
        self.refusals.note(error.code.as_str(), None, context);
    }
}
