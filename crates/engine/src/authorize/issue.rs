//! Consent remembered, and family and code made: the last step, and the only one that gives a client anything.

use std::time::Duration;

use tokenry_model::{
    Actor, AuthorizationCode, Client, Consent, Digest, DigestDomain, Event, Record, Session, Subject, Tenant,
    TokenFamily, TokenHandle, User,
};
use tokenry_protocol::authorize::Answer;
use tokenry_protocol::scope::Scope;
use tokenry_store::{CodeIssue, FamilyView, IssueCode};

use super::flow::Flow;
use super::go_on::{Step, already_answered};
use super::reach::Reach;
use super::refusal::AuthorizeRefusal;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::consent::Wish;
use crate::policy::granted::Withheld;
use crate::refusal::Refusal;

/// How long a code lives (RFC 6749 §4.1.2 allows ten minutes; CODE-05).
const CODE_TTL: Duration = Duration::from_secs(60);

impl Engine {
    /// Keeps what a user agreed to, beside what they agreed to before.
    pub(super) async fn remember(
        &self,
        client: &Client,
        user: &User,
        wish: Wish<'_>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let consent = |api, scope: &Scope| Consent {
            user_id: user.id.clone(),
            client_id: client.id.clone(),
            resource_server_id: api,
            tenant: wish.tenant.cloned(),
            scope: scope.clone(),
            created_at: context.now,
            updated_at: context.now,
        };
        let consents = [consent(wish.api.cloned(), wish.api_scope), consent(None, wish.own_scope)];
        let consents: Vec<_> = consents.into_iter().filter(|consent| !consent.scope.is_empty()).collect();
        let subject = Subject::Client(client.id.clone());
        let all: Scope = wish.api_scope.iter().chain(wish.own_scope).cloned().collect();
        let record = Record {
            company: wish.tenant.map(|tenant| tenant.company.clone()),
            ..context.record(Event::ConsentGranted, Actor::User(user.id.clone()), Some(subject))
        }
        .with("scope", all.to_string());
        let record = match Tenant::corporation_of(wish.tenant) {
            Some(corporation) => record.with("corporation", corporation.as_str()),
            None => record,
        };
        Ok(self.store.grant_consents(&consents, &[record]).await?)
    }

    /// Makes family and code. `None` when what the decision rests on has changed.
    pub(super) async fn issue_authorization(
        &self,
        flow: &Flow,
        client: &Client,
        user: &User,
        session: &Session,
        reach: Reach,
        context: &Context,
    ) -> Result<Option<Step>, AuthorizeRefusal> {
        let handle = TokenHandle::generate(&*self.rng);
        let value = AuthorizationCode::generate(&*self.rng);
        let code = AuthorizationCode {
            digest: Digest::of(DigestDomain::AuthorizationCode, &value),
            handle: handle.clone(),
            redirect_uri: flow.redirect_uri.clone(),
            code_challenge: flow.code_challenge.as_ref().map(ToString::to_string),
            nonce: flow.nonce.clone(),
            created_at: context.now,
            expires_at: context.now.plus(CODE_TTL),
            redeemed_at: None,
        };
        let view = FamilyView {
            client: client.version,
            user: user.version,
            resource_server: reach.api().map(|api| api.version),
            company: reach.company.as_ref().map(|company| company.version),
        };
        let family = self.family(flow, client, session, &reach, handle, context);
        let record = code_record(client, user, &reach, &family, context);
        let request = flow.pending();
        let issued = self.store.issue_code(CodeIssue { family, code, request, view, record }).await;
        self.audit_health.note(&issued, context.now);
        match issued? {
            IssueCode::Issued => Ok(Some(self.answered(flow, Answer::Code(value)))),
            IssueCode::Stale => Ok(None),
            IssueCode::AlreadyAnswered => Err(already_answered().into()),
        }
    }

    fn family(
        &self,
        flow: &Flow,
        client: &Client,
        session: &Session,
        reach: &Reach,
        handle: TokenHandle,
        context: &Context,
    ) -> TokenFamily {
        let access_ttl = self.user_access_token_ttl(client, reach.api());
        TokenFamily {
            handle,
            client_id: client.id.clone(),
            user_id: session.user_id.clone(),
            session_id: session.id.clone(),
            resource_server_id: reach.api().map(|api| api.id.clone()),
            tenant: reach.tenant(),
            scope: reach.scope(),
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            claims_request: flow.claims.clone(),
            longest_ttl: access_ttl,
            created_at: context.now,
            // Longer once its code is redeemed: whoever is signed in may ask for codes without end.
            expires_at: context.now.plus(CODE_TTL + access_ttl),
        }
    }
}

fn code_record(
    client: &Client,
    user: &User,
    reach: &Reach,
    family: &TokenFamily,
    context: &Context,
) -> Record {
    let subject = Subject::Token(family.handle.as_str().to_owned());
    let mut record = Record {
        company: reach.company.as_ref().map(|company| company.id.clone()),
        ..context.record(Event::CodeIssued, Actor::User(user.id.clone()), Some(subject))
    }
    .with("client", client.id.as_str())
    .with("scope", family.scope.to_string());
    if let Some(api) = reach.api() {
        record = record.with("audience", api.audience.as_str());
    }
    let withheld = reach.granted.withheld.iter();
    // What nobody defines is text that a stranger chose.
    let withheld = withheld.filter(|(_token, why)| *why != Withheld::Undefined);
    let withheld: serde_json::Map<_, _> =
        withheld.map(|(token, why)| (token.as_str().to_owned(), why.reason().into())).collect();
    if withheld.is_empty() { record } else { record.with("withheld", withheld) }
}
