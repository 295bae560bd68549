//! Revocation (RFC 7009): a client ends a token of its own.
//!
//! 1. The client authenticates; a public one at least says who it is (§2.1).
//! 2. The token is found, whatever its kind; the hint decides nothing (§2.1).
//! 3. It was issued to this client. One that was not stays as it is, and the answer does not tell: RFC 7009 §2.1 would
//!    have it refused, and so would let anybody ask whose a token is.
//! 4. It lives: what is dead already costs no write (§2.2).
//! 5. It is revoked, durably, before the answer (§2.2); a database that does not answer is 503, never 200 (§2.2.1).
//!    Guards learn it within the bound; the answer does not wait for them.

use tokenry_model::{Actor, Event, Record, Subject};
use tokenry_protocol::revocation::Request;
use tokenry_store::RevokedToken;

use crate::context::Context;
use crate::engine::Engine;
use crate::policy::may_see::{Viewer, may_see};
use crate::refusal::Refusal;

impl Engine {
    /// Revokes a token: when this returns, it opens nothing at Tokenry, or was not the client's to revoke.
    ///
    /// # Errors
    /// When the client does not prove who it is, or the database fails; then the token is what it was.
    pub async fn revoke(&self, request: &Request, context: &Context) -> Result<(), Refusal> {
        let client = self.authenticate_client(&request.client, context).await?;
        let id = &client.client().id;
        let Some(token) = self.find_access_token(&request.token, context.now).await? else { return Ok(()) };
        if !may_see(Viewer::Client(id), &token.client_id, &token.resource_server.id)
            || self.client_of_living(&token, context.now).await?.is_none()
        {
            return Ok(());
        }
        let subject = Subject::Token(token.jti.clone());
        let record = Record {
            company: token.company,
            ..context.record(Event::TokenRevoked, Actor::Client(id.clone()), Some(subject))
        };
        let revoked = RevokedToken {
            jti: token.jti,
            resource_server_id: token.resource_server.id,
            client_id: token.client_id,
            expires_at: token.expires_at,
            revoked_at: context.now,
        };
        let record = record.with("audience", token.resource_server.audience);
        let revoked = self.store.revoke_token(revoked, &[record]).await;
        self.audit_health.note(&revoked, context.now);
        revoked?;
        self.feed.wake();
        Ok(())
    }
}
