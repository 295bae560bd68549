//! The refresh token grant (RFC 6749 §6, RFC 9700 §4.14).
//!
//! 1. The client authenticates, a public one says who it is; its type has this grant.
//! 2. The token is found by the digest of all of it, and was issued to this client. Another client's attempt changes nothing.
//! 3. Neither it nor its family has expired, and it has not been spent; one that was is for the store to judge, because only
//!    there it shows whether that was a moment ago and its successor is unused. If not, the family ends (RT-01), whatever
//!    else is wrong with the request.
//! 4. The scope asked for is within the one that was granted; that stays as it is for the next time (RT-07).
//! 5. Client, user, membership, company, roles and API are asked again: what is granted may shrink, and nothing left is
//!    `invalid_grant` (RT-08).
//! 6. The token is spent for its successor in the transaction that records the access token, also if the caller hangs up
//!    meanwhile: the successor is sealed under a key that only the spent token yields, and who asks again within
//!    `refresh_grace` gets it again.

use tokenry_model::{
    Actor, Client, Digest, DigestDomain, Event, GrantType, RefreshToken, RefreshTokenState, Subject,
    TokenFamily,
};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::{SecretKind, Shape, shape};
use tokenry_protocol::token::{ClientAuthentication, RefreshGrant};
use tokenry_store::{PresentedRefreshToken, RefreshRotation, RotateRefreshToken};

use super::authorization_code::check_grant;
use super::family::{LivingFamily, check_target, invalid_grant};
use super::{ATTEMPTS, Issued, successor};
use crate::client_auth::AuthenticatedClient;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    pub(super) async fn refresh_token(
        &self,
        presented: &ClientAuthentication,
        request: &RefreshGrant,
        context: &Context,
    ) -> Result<Issued, Refusal> {
        let mut proven = None;
        for _attempt in 0..ATTEMPTS {
            let client = self.authenticate_client_again(presented, proven.as_ref(), context).await?;
            proven = Some(client.proof().clone());
            let refreshed = match self.check_refresh(&client, request, context).await {
                Ok((token, living)) => self.rotate(client.client(), request, &token, &living, context).await,
                Err(refusal) => Err(refusal),
            };
            match refreshed {
                Ok(Some(issued)) => return Ok(issued),
                Ok(None) => self.reload_keys().await?,
                Err(refusal) => return Err(self.record_refusal(&client, refusal, context).await),
            }
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }

    /// Steps 1 to 5.
    async fn check_refresh(
        &self,
        client: &AuthenticatedClient,
        request: &RefreshGrant,
        context: &Context,
    ) -> Result<(RefreshToken, LivingFamily), Refusal> {
        check_grant(client, GrantType::RefreshToken)?;
        let value = &request.refresh_token;
        if shape(&self.settings.brand, value.expose()) != Shape::Branded(SecretKind::RefreshToken) {
            return Err(invalid_grant("no_refresh_token"));
        }
        let digest = Digest::of(DigestDomain::RefreshToken, value);
        let found = self.store.find_refresh_token(&digest).await?;
        let (token, family) = found.ok_or_else(|| invalid_grant("refresh_token_unknown"))?;
        if family.client_id != client.client().id {
            return Err(invalid_grant("refresh_token_of_another_client"));
        }
        if matches!(token.state, RefreshTokenState::Fresh) && token.expires_at <= context.now {
            return Err(invalid_grant("refresh_token_expired"));
        }
        if matches!(token.state, RefreshTokenState::Spent { .. }) {
            self.end_if_reused(client.client(), &digest, &family, context).await?;
        }
        if request.scope.as_ref().is_some_and(|scope| !scope.is_subset(&family.scope)) {
            let text = "The scope is wider than the one that the user granted.";
            return Err(Refusal::new(ErrorCode::InvalidScope, "scope_not_granted", text));
        }
        let living = self.living_family(client, family, context).await?;
        check_target(&living, request.target.as_deref())?;
        Ok((token, living))
    }

    /// Step 3, for one that had been spent when it was presented.
    async fn end_if_reused(
        &self,
        client: &Client,
        digest: &Digest,
        family: &TokenFamily,
        context: &Context,
    ) -> Result<(), Refusal> {
        // A task of its own: whoever hangs up must not keep its family alive.
        let (store, presented) = (self.store.clone(), self.presented(client, digest, family, context));
        let ended = tokio::spawn(async move { store.end_reused_family(presented).await }).await;
        let ended = ended.map_err(|_panic| Refusal::unavailable("rotation_failed"))?;
        self.audit_health.note(&ended, context.now);
        match ended? {
            None => Ok(()),
            Some(_announced) => {
                self.feed.wake();
                Err(invalid_grant("refresh_token_reused"))
            }
        }
    }

    /// Step 6. `None` when what the decision rests on has changed.
    async fn rotate(
        &self,
        client: &Client,
        request: &RefreshGrant,
        token: &RefreshToken,
        living: &LivingFamily,
        context: &Context,
    ) -> Result<Option<Issued>, Refusal> {
        let family = living.family();
        let wanted: &Scope = request.scope.as_ref().unwrap_or(&family.scope);
        let left = living.left_of(wanted)?;
        let (tokens, issue) = self.mint_for_user(client, living, &left, None, context).await?;
        let (value, successor) = self.new_refresh_token(family, family.expires_at, context);
        let sealed = successor::seal(&request.refresh_token, &value, &*self.rng);
        let rotation = RefreshRotation {
            presented: self.presented(client, &token.digest, family, context),
            successor,
            sealed,
            issue,
        };
        // A task of its own: a caller that hangs up must not leave it half known whether the token is spent.
        let store = self.store.clone();
        let rotated = tokio::spawn(async move { store.rotate_refresh_token(rotation).await }).await;
        let rotated = rotated.map_err(|_panic| Refusal::unavailable("rotation_failed"))?;
        self.audit_health.note(&rotated, context.now);
        let refresh_token = match rotated? {
            RotateRefreshToken::Rotated => value,
            RotateRefreshToken::Repeated { sealed } => successor::open(&request.refresh_token, &sealed)
                .ok_or_else(|| {
                    tracing::error!("a refresh token's successor cannot be opened");
                    Refusal::new(
                        ErrorCode::ServerError,
                        "successor_unreadable",
                        "The server failed to answer.",
                    )
                })?,
            RotateRefreshToken::Gone => return Err(invalid_grant("refresh_token_unknown")),
            RotateRefreshToken::Reused { .. } => {
                self.feed.wake();
                return Err(invalid_grant("refresh_token_reused"));
            }
            RotateRefreshToken::Stale => return Ok(None),
        };
        Ok(Some(tokens.issued(Some(refresh_token), left.scope, client, GrantType::RefreshToken)))
    }

    /// The token as it was presented, whether or not it had been spent before.
    fn presented(
        &self,
        client: &Client,
        digest: &Digest,
        family: &TokenFamily,
        context: &Context,
    ) -> PresentedRefreshToken {
        let subject = Some(Subject::Token(family.handle.as_str().to_owned()));
        let reuse = context
            .record(Event::RefreshTokenReused, Actor::Client(client.id.clone()), subject)
            .with("user", family.user_id.as_str());
        PresentedRefreshToken {
            digest: digest.clone(),
            at: context.now,
            grace: self.settings.refresh_grace,
            reuse,
        }
    }
}
