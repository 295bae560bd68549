//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6, OpenID Connect Core §3.1.3).
//!
//! 1. The client authenticates; a public one says who it is. Its type has this grant (§4.1.3).
//! 2. The code is found by the digest of all of it, and was issued to this client. Another client's attempt, or a guess,
//!    changes nothing (CODE-03, PEER-28).
//! 3. It has not been redeemed before: a second time ends all that was issued for it (§4.1.2, §10.5).
//! 4. It has not expired, and the redirect URI is the one that was sent, character by character (§4.1.3).
//! 5. The verifier fits the challenge. A wrong one gives the code up: its thief does not get to guess (PK-06). A verifier for a
//!    code without a challenge says that somebody took the challenge away (RFC 9700 §4.8.2).
//! 6. Client, user, membership, company and API may act now, and something of the scope is left.
//! 7. The tokens are minted; the code is redeemed in the transaction that records them, if nothing that they rest on has
//!    changed, and only then are they handed out. A refresh token is among them if the user granted `offline_access`.

use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, constant_time_eq, sha256};
use tokenry_model::{
    Actor, AuthorizationCode, Digest, DigestDomain, Event, GrantType, RefreshToken, RefreshTokenState,
    Subject, TokenFamily,
};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::{Secret, SecretKind, issue};
use tokenry_protocol::token::{ClientAuthentication, CodeGrant};
use tokenry_store::{CodeRedemption, FirstRefreshToken, RedeemCode};

use super::family::{LivingFamily, check_target, invalid_grant};
use super::{ATTEMPTS, Issued};
use crate::client_auth::AuthenticatedClient;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::{Cause, Refusal};

impl Engine {
    pub(super) async fn authorization_code(
        &self,
        presented: &ClientAuthentication,
        request: &CodeGrant,
        context: &Context,
    ) -> Result<Issued, Refusal> {
        let mut proven = None;
        for _attempt in 0..ATTEMPTS {
            let client = self.authenticate_client_again(presented, proven.as_ref(), context).await?;
            proven = Some(client.proof().clone());
            let redeemed = match self.check_code(&client, request, context).await {
                Ok((code, living)) => self.redeem(&client, code, &living, context).await,
                Err(refusal) => Err(refusal),
            };
            match redeemed {
                Ok(Some(issued)) => return Ok(issued),
                Ok(None) => self.reload_keys().await?,
                Err(refusal) => return Err(self.record_refusal(&client, refusal, context).await),
            }
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }

    /// Steps 1 to 6.
    async fn check_code(
        &self,
        client: &AuthenticatedClient,
        request: &CodeGrant,
        context: &Context,
    ) -> Result<(AuthorizationCode, LivingFamily), Refusal> {
        check_grant(client, GrantType::AuthorizationCode)?;
        let digest = AuthorizationCode::digest_of(&request.code).ok_or_else(|| invalid_grant("no_code"))?;
        let found = self.store.find_authorization_code(&digest).await?;
        let (code, family) = found.ok_or_else(|| invalid_grant("code_unknown"))?;
        if family.client_id != client.client().id {
            return Err(invalid_grant("code_of_another_client"));
        }
        if code.redeemed_at.is_some() {
            return Err(self.end_replayed(client, &family, context).await?);
        }
        if code.expires_at <= context.now {
            return Err(invalid_grant("code_expired"));
        }
        if request.redirect_uri.as_deref() != Some(code.redirect_uri.as_str()) {
            return Err(invalid_grant("wrong_redirect_uri"));
        }
        if let Err(wrong) = check_verifier(&code, request.code_verifier.as_ref()) {
            self.burn(client, &code, context).await?;
            return Err(wrong);
        }
        let living = self.living_family(client, family, context).await?;
        check_target(&living, request.target.as_deref())?;
        Ok((code, living))
    }

    /// Step 7. `None` when what the decision rests on has changed.
    async fn redeem(
        &self,
        client: &AuthenticatedClient,
        code: AuthorizationCode,
        living: &LivingFamily,
        context: &Context,
    ) -> Result<Option<Issued>, Refusal> {
        let (client, family) = (client.client(), living.family());
        let left = living.left_of(&family.scope)?;
        let (tokens, issue) =
            self.mint_for_user(client, living, &left, code.nonce.as_deref(), context).await?;
        let offline = left.scope.contains("offline_access") && client.may_use(GrantType::RefreshToken);
        // Without refresh tokens there is nothing to come after the one access token.
        let (value, refresh_token) = offline
            .then(|| {
                let family_ends_at = family.created_at.plus(self.settings.refresh_ttl);
                let (value, token) = self.new_refresh_token(family, family_ends_at, context);
                (value, FirstRefreshToken { token, family_ends_at })
            })
            .unzip();
        let redemption = CodeRedemption {
            digest: code.digest,
            at: context.now,
            issue,
            id_token: tokens.id_token.is_some(),
            refresh_token,
            replay: replay_record(client, family, context),
        };
        let redeemed = self.store.redeem_code(redemption).await;
        self.audit_health.note(&redeemed, context.now);
        match redeemed? {
            RedeemCode::First => {
                let grant = GrantType::AuthorizationCode;
                Ok(Some(tokens.issued(value, left.scope, client, grant)))
            }
            RedeemCode::Gone => Err(invalid_grant("code_unknown")),
            RedeemCode::Replayed { .. } => {
                self.feed.wake();
                Err(invalid_grant("code_replayed"))
            }
            RedeemCode::Stale => Ok(None),
        }
    }

    /// A refresh token of a family that ends at `ends_at`, never used, for who may have it and for the store.
    pub(super) fn new_refresh_token(
        &self,
        family: &TokenFamily,
        ends_at: Timestamp,
        context: &Context,
    ) -> (Secret, RefreshToken) {
        let mut entropy = [0; 32];
        self.rng.fill(&mut entropy);
        let value = issue(&self.settings.brand, SecretKind::RefreshToken, &entropy);
        let token = RefreshToken {
            digest: Digest::of(DigestDomain::RefreshToken, &value),
            handle: family.handle.clone(),
            created_at: context.now,
            expires_at: context.now.plus(self.settings.refresh_idle_ttl).min(ends_at),
            state: RefreshTokenState::Fresh,
        };
        (value, token)
    }

    /// Step 3, when it is already known that it is a replay.
    async fn end_replayed(
        &self,
        client: &AuthenticatedClient,
        family: &TokenFamily,
        context: &Context,
    ) -> Result<Refusal, Refusal> {
        let record = replay_record(client.client(), family, context);
        let ended = self.store.end_family(&family.handle, context.now, &[record]).await;
        self.audit_health.note(&ended, context.now);
        ended?;
        self.feed.wake();
        Ok(invalid_grant("code_replayed"))
    }

    async fn burn(
        &self,
        client: &AuthenticatedClient,
        code: &AuthorizationCode,
        context: &Context,
    ) -> Result<(), Refusal> {
        let subject = Some(Subject::Token(code.handle.as_str().to_owned()));
        let actor = Actor::Client(client.client().id.clone());
        let record = context.record(Event::CodeBurned, actor, subject);
        let burned = self.store.burn_code(&code.digest, context.now, &[record]).await;
        self.audit_health.note(&burned, context.now);
        Ok(burned.map(|_first| ())?)
    }
}

/// Whether the client's type has the grant.
pub(super) fn check_grant(client: &AuthenticatedClient, grant: GrantType) -> Result<(), Refusal> {
    if client.client().may_use(grant) {
        return Ok(());
    }
    let text = "This client may not use this grant_type.";
    let cause = Cause::GrantTypeNotAllowed { grant_type: grant.as_str() };
    Err(Refusal::new(ErrorCode::UnauthorizedClient, "grant_not_allowed", text).caused_by(cause))
}

/// Step 5.
fn check_verifier(code: &AuthorizationCode, verifier: Option<&Secret>) -> Result<(), Refusal> {
    match (&code.code_challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(invalid_grant("verifier_missing")),
        (None, Some(_)) => Err(invalid_grant("verifier_without_challenge")),
        (Some(challenge), Some(verifier)) => {
            let due = base64url::encode(&sha256(verifier.expose().as_bytes()));
            if constant_time_eq(due.as_bytes(), challenge.as_bytes()) {
                Ok(())
            } else {
                Err(invalid_grant("wrong_verifier"))
            }
        }
    }
}

fn replay_record(
    client: &tokenry_model::Client,
    family: &TokenFamily,
    context: &Context,
) -> tokenry_model::Record {
    let subject = Some(Subject::Token(family.handle.as_str().to_owned()));
    context
        .record(Event::CodeReplayed, Actor::Client(client.id.clone()), subject)
        .with("user", family.user_id.as_str())
}
