//! A session traded for a JWT, for a page that calls an API without its cookie.
//!
//! It is short-lived and says what the session opened when it was made. Its handle ends with the session, so that guards
//! refuse it from then on like everything else of that.

use std::time::Duration;

use tokenry_model::{Actor, Event, Record, ResourceServer, Subject, TokenFormat, TokenHandle};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::Secret;
use tokenry_store::{SESSION_TOKEN_TTL, SessionView};

use super::signed_in::{SignedInUser, ends_at};
use crate::context::Context;
use crate::engine::Engine;
use crate::mint::session::{SessionToken, mint_session};
use crate::own::LiveRights;
use crate::refusal::Refusal;

/// How often what a decision rests on may change while it is made.
pub(super) const TRIES: usize = 3;

/// A JWT that a session was traded for.
#[derive(Debug)]
pub struct Exchanged {
    /// The JWT.
    pub token: Secret,
    /// How long it lives.
    pub ttl: Duration,
    /// What it allows, scope-tokens separated by spaces.
    pub scope: String,
}

impl Engine {
    /// Trades a session for a JWT of five minutes, or of what is left of the session, for the API of that audience.
    ///
    /// # Errors
    /// `invalid_target` where there is no such API, or the user may do nothing there, or its tokens tell nothing by themselves;
    /// or when the database fails.
    pub async fn exchange_session(
        &self,
        user: &SignedInUser,
        audience: &str,
        context: &Context,
    ) -> Result<Exchanged, Refusal> {
        for _try in 0..TRIES {
            let api = self.store.find_resource_server_by_audience(audience).await?;
            let api = api.ok_or_else(|| invalid_target("api_not_granted"))?;
            if api.token_format == TokenFormat::Opaque {
                return Err(invalid_target("api_takes_opaque_tokens"));
            }
            let opens = self.opens(user, &api, context).await?;
            let opens = opens.filter(|opens| !opens.scope.is_empty());
            let opens = opens.ok_or_else(|| invalid_target("scope_not_held"))?;
            let view = self.view(user, &api, &opens);
            let Some(handle) = self.session_handle(&view, context).await? else { continue };
            if let Some(exchanged) =
                self.issue_for_session((user, &api, &opens), (&view, &handle), context).await?
            {
                return Ok(exchanged);
            }
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }

    async fn issue_for_session(
        &self,
        (user, api, opens): (&SignedInUser, &ResourceServer, &LiveRights),
        (view, handle): (&SessionView, &TokenHandle),
        context: &Context,
    ) -> Result<Option<Exchanged>, Refusal> {
        let settings = &self.settings;
        let left = ends_at(user.session(), &settings.sessions).since(context.now);
        let ttl = api.access_token_ttl.unwrap_or(SESSION_TOKEN_TTL).min(SESSION_TOKEN_TTL).min(left);
        let key = self.signing_key(api.signing_alg.unwrap_or(settings.signing_alg)).await?;
        let token = SessionToken {
            user,
            api,
            scope: &opens.scope,
            tenant: opens.tenant.as_ref(),
            handle,
            issuer: &settings.issuer,
            namespace: &settings.namespace,
            now: context.now,
            ttl,
        };
        let minted = mint_session(&token, &key, &*self.rng)?;
        let (actor, subject) = (Actor::User(user.user().id.clone()), Subject::Token(minted.jti.clone()));
        let record = Record {
            company: opens.tenant.as_ref().map(|tenant| tenant.company.clone()),
            ..context.record(Event::TokenIssued, actor, Some(subject))
        }
        .with("audience", api.audience.as_str())
        .with("session", user.session().id.as_str())
        .with("scope", opens.scope.to_string())
        .with("expires_at", minted.expires_at.as_millis())
        .with("kid", key.key.kid());
        let recorded = self.store.record_session_token(view, handle, key.key.kid(), &record).await;
        self.audit_health.note(&recorded, context.now);
        if !recorded? {
            self.reload_keys().await?;
            return Ok(None);
        }
        Ok(Some(Exchanged { token: minted.token, ttl, scope: opens.scope.to_string() }))
    }

    /// What the decision about a session at an API was made on.
    pub(super) fn view(&self, user: &SignedInUser, api: &ResourceServer, opens: &LiveRights) -> SessionView {
        SessionView {
            session: user.session().id.clone(),
            digest: user.session().digest.clone(),
            user_version: user.user().version,
            resource_server: (api.id.clone(), api.version),
            company: opens.company.as_ref().map(SessionView::company_of),
        }
    }

    /// What guards know the session by; `None` where what it was decided on holds no more.
    pub(super) async fn session_handle(
        &self,
        view: &SessionView,
        context: &Context,
    ) -> Result<Option<TokenHandle>, Refusal> {
        if let Some(handle) = self.store.find_session_handle(view).await? {
            return Ok(Some(handle));
        }
        let proposed = TokenHandle::generate(&*self.rng);
        Ok(self.store.assign_session_handle(view, proposed, context.now).await?)
    }
}

/// One answer for every cause, so that none tells which APIs there are.
fn invalid_target(reason: &'static str) -> Refusal {
    let text = "There is no API of that audience at which you may do anything with a JWT.";
    Refusal::new(ErrorCode::InvalidTarget, reason, text)
}
