//! Revocation (RFC 7009): a client ends a token of its own.
//!
//! 1. The client authenticates; a public one at least says who it is (§2.1).
//! 2. The token is found, whatever its kind; the hint decides nothing (§2.1).
//! 3. It was issued to this client. One that was not stays as it is, and the answer does not tell: RFC 7009 §2.1 would
//!    have it refused, and so would let anybody ask whose a token is.
//! 4. It lives: what is dead already costs no write (§2.2).
//! 5. It is revoked, durably, before the answer (§2.2); a database that does not answer is 503, never 200 (§2.2.1).
//!    Guards learn it within the bound; the answer does not wait for them.
//! 6. A refresh token ends with all that was granted with it, its access tokens too (§2.1). An access token ends alone, and
//!    what it came with yields the next one; but one that is for `/userinfo` alone ends with all of it.

use tokenry_model::{Actor, ClientId, Digest, DigestDomain, Event, Record, Subject, TokenHandle};
use tokenry_protocol::revocation::Request;
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
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
        if shape(&self.settings.brand, request.token.expose()) == Shape::Branded(SecretKind::RefreshToken) {
            return self.revoke_refresh_token(id, &request.token, context).await;
        }
        let Some(token) = self.find_access_token(&request.token, context.now).await? else { return Ok(()) };
        let api = token.resource_server.as_ref().map(|api| &api.id);
        if !may_see(Viewer::Client(id), &token.client_id, api, token.user.as_ref())
            || self.living(&token, context.now).await?.is_none()
        {
            return Ok(());
        }
        let subject = Subject::Token(token.jti.clone());
        let record = Record {
            company: token.company,
            ..context.record(Event::TokenRevoked, Actor::Client(id.clone()), Some(subject))
        };
        let Some(resource_server) = token.resource_server else {
            return self.end_family(token.handle, record, context).await;
        };
        let revoked = RevokedToken {
            jti: token.jti,
            resource_server_id: resource_server.id,
            client_id: token.client_id,
            expires_at: token.expires_at,
            revoked_at: context.now,
        };
        let record = record.with("audience", resource_server.audience);
        let revoked = self.store.revoke_token(revoked, &[record]).await;
        self.audit_health.note(&revoked, context.now);
        revoked?;
        self.feed.wake();
        Ok(())
    }

    /// Step 6. One that has been spent or has expired will do: whoever has it wants an end.
    async fn revoke_refresh_token(
        &self,
        client: &ClientId,
        presented: &Secret,
        context: &Context,
    ) -> Result<(), Refusal> {
        let digest = Digest::of(DigestDomain::RefreshToken, presented);
        let Some((_token, family)) = self.store.find_refresh_token(&digest).await? else { return Ok(()) };
        if !may_see(Viewer::Client(client), &family.client_id, None, None) {
            return Ok(());
        }
        let subject = Subject::Token(family.handle.as_str().to_owned());
        let record = Record {
            company: family.tenant.map(|tenant| tenant.company),
            ..context.record(Event::RefreshTokenRevoked, Actor::Client(client.clone()), Some(subject))
        };
        self.end_family(family.handle, record.with("user", family.user_id.as_str()), context).await
    }

    async fn end_family(
        &self,
        handle: TokenHandle,
        record: Record,
        context: &Context,
    ) -> Result<(), Refusal> {
        let ended = self.store.end_family(&handle, context.now, &[record]).await;
        self.audit_health.note(&ended, context.now);
        ended?;
        self.feed.wake();
        Ok(())
    }
}
