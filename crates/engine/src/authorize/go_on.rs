//! Going on with a pending request for a user: sign-in, company, consent, code.

use tokenry_model::{Actor, Client, CompanyId, Event, Outcome, Record, Session, Subject, Tenant, User};
use tokenry_protocol::authorize::{Answer, Response};
use tokenry_protocol::error::ErrorCode;

use super::flow::{Asked, Flow, Hinted};
use super::page::{CompanyChoice, ConsentQuestion, Shown, TenantName};
use super::reach::{Reach, Reached};
use super::refusal::AuthorizeRefusal;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::company::Wanted;
use crate::policy::consent::{Wish, is_due};
use crate::policy::may_act::{Standing, may_act};
use crate::policy::redirect_uri::form_target;
use crate::refusal::Refusal;
use crate::session::SignedInUser;

/// How often a request is decided anew because what it rests on changed while it was being decided.
const ATTEMPTS: usize = 5;

/// What the user does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Act {
    /// Agrees to what the page said.
    Allow,
    /// Does not.
    Deny,
    /// Comes along.
    Look,
    /// Acts for this company.
    Pick(String),
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// The client is answered.
    Answered(Box<Response>),
    /// The user says for which company they act.
    AskCompany(CompanyChoice),
    /// The user is asked to consent.
    AskConsent(Box<ConsentQuestion>),
    /// The user signs in first.
    SignIn,
}

impl Engine {
    /// Goes on with a pending request for who has signed in, if anybody has.
    ///
    /// # Errors
    /// When there is no such request, or it ends with an error.
    pub async fn continue_authorization(
        &self,
        flow: &str,
        who: Option<&SignedInUser>,
        act: &Act,
        context: &Context,
    ) -> Result<Step, AuthorizeRefusal> {
        let flow = self.open_flow(flow, context)?;
        for _attempt in 0..ATTEMPTS {
            if let Some(step) = self.step(&flow, who.map(SignedInUser::session), act, context).await? {
                return Ok(step);
            }
        }
        Err(Refusal::unavailable("changed_while_deciding").into())
    }

    /// One attempt. `None` when what it rests on has changed meanwhile.
    async fn step(
        &self,
        flow: &Flow,
        session: Option<&Session>,
        act: &Act,
        context: &Context,
    ) -> Result<Option<Step>, AuthorizeRefusal> {
        // Also after an hour of signing in: it may have been disabled, or lost that URI (PEER-25).
        let client = self.recipient(&flow.client_id, &flow.redirect_uri, context).await?;
        // Before anything is remembered: what was taken back does not come again with the back button.
        if self.store.is_request_answered(&flow.pending()).await? {
            return Err(already_answered().into());
        }
        let session = match who_acts(flow, session, context) {
            Ok(Some(session)) => session,
            Ok(None) => return Ok(Some(Step::SignIn)),
            Err(refusal) => return Err(self.back(flow, refusal)),
        };
        let barred = |reason| denied(reason, "The user may not act now.");
        let Some(user) = self.store.find_user(&session.user_id).await? else {
            return Err(self.back(flow, barred("user_gone")));
        };
        let standing = Standing { user: Some(&user), ..Standing::default() };
        if let Err(why) = may_act(standing, context.now) {
            return Err(self.refuse_user(flow, &client, &user, barred(why.reason()), context).await);
        }
        if *act == Act::Deny {
            return Err(self.deny(flow, &client, &user, context).await);
        }
        let wanted = wanted_company(flow, session, act);
        let reach = match self.reach(flow, &client, &user, wanted, context.now).await {
            Ok(Reached::All(reach)) => *reach,
            Ok(Reached::Forbidden(refusal)) => return Err(AuthorizeRefusal::Forbidden(refusal)),
            Ok(Reached::Several(_)) if flow.prompt.none => {
                let text = "The user must say for which company they act.";
                return Err(self.back(flow, due(ErrorCode::InteractionRequired, "company_required", text)));
            }
            Ok(Reached::Several(companies)) => {
                let choice = CompanyChoice {
                    app: client.name.clone(),
                    username: user.username,
                    companies,
                    form_target: form_target(&flow.redirect_uri),
                    flow: self.seal_flow(flow, context.now)?,
                    theme: self.theme(Some(client.id.as_str())),
                };
                return Ok(Some(Step::AskCompany(choice)));
            }
            Err(refusal) => return Err(self.refuse_user(flow, &client, &user, refusal, context).await),
        };
        let memberships = self.store.list_memberships(&user.id).await?;
        let standing = Standing {
            client: Some(&client),
            company: reach.company.as_ref(),
            user: Some(&user),
            memberships: Some(&memberships),
            ..Standing::default()
        };
        if let Err(why) = may_act(standing, context.now) {
            return Err(self.refuse_user(flow, &client, &user, barred(why.reason()), context).await);
        }
        if let (Act::Pick(_), Some(company)) = (act, &reach.company) {
            self.store.set_session_company(&session.id, &session.digest, &company.id, context.now).await?;
        }
        self.ask_or_issue(flow, &client, &user, session, reach, act, context).await
    }

    #[expect(clippy::too_many_arguments, reason = "each is another fact of one decision")]
    async fn ask_or_issue(
        &self,
        flow: &Flow,
        client: &Client,
        user: &User,
        session: &Session,
        reach: Reach,
        act: &Act,
        context: &Context,
    ) -> Result<Option<Step>, AuthorizeRefusal> {
        let tenant = reach.tenant();
        let wish = Wish {
            api: reach.api().map(|api| &api.id),
            api_scope: &reach.granted.scope,
            own_scope: &reach.own_scope,
            tenant: tenant.as_ref(),
        };
        let remembered = self.store.find_consents(&user.id, &client.id).await?;
        if flow.prompt.consent || is_due(client, wish, &remembered) {
            let asked = Asked {
                user: user.id.as_str().to_owned(),
                session: session.id.as_str().to_owned(),
                client_version: client.version,
                company: tenant.as_ref().map(|tenant| tenant.company.as_str().to_owned()),
                corporation: Tenant::corporation_of(tenant.as_ref()).map(|id| id.as_str().to_owned()),
                api_scope: reach.granted.scope.clone(),
                own_scope: reach.own_scope.clone(),
            };
            if *act != Act::Allow || flow.asked.as_ref() != Some(&asked) {
                return self.ask(flow, client, user, &reach, asked, context).await.map(Some);
            }
            self.remember(client, user, wish, context).await?;
        }
        self.issue_authorization(flow, client, user, session, reach, context).await
    }

    async fn ask(
        &self,
        flow: &Flow,
        client: &Client,
        user: &User,
        reach: &Reach,
        asked: Asked,
        context: &Context,
    ) -> Result<Step, AuthorizeRefusal> {
        if flow.prompt.none {
            let text = "The user must consent.";
            return Err(self.back(flow, due(ErrorCode::ConsentRequired, "consent_required", text)));
        }
        let mut asking = flow.clone();
        asking.company = asked.company.clone();
        asking.asked = Some(asked);
        let sealed = self.seal_flow(&asking, context.now).map_err(|refusal| self.back(flow, refusal))?;
        let tenant = match (reach.tenant(), &reach.company) {
            (Some(Tenant { corporation: None, .. }), Some(company)) => {
                Some(TenantName::Company(company.name.clone()))
            }
            (Some(tenant), _) => Some(self.tenant_name(&tenant).await?),
            (None, _) => None,
        };
        let shown = Shown {
            client,
            user,
            tenant,
            api: reach.api(),
            api_scope: &reach.granted.scope,
            own_scope: &reach.own_scope,
            redirect_uri: &flow.redirect_uri,
            theme: self.theme(Some(client.id.as_str())),
        };
        Ok(Step::AskConsent(Box::new(shown.question(sealed))))
    }

    async fn deny(&self, flow: &Flow, client: &Client, user: &User, context: &Context) -> AuthorizeRefusal {
        let subject = Subject::Client(client.id.clone());
        let record = context.record(Event::ConsentDenied, Actor::User(user.id.clone()), Some(subject));
        let record = match &flow.scope {
            Some(scope) => record.with("scope", scope.to_string()),
            None => record,
        };
        match self.store.deny_request(&flow.pending(), &[record]).await {
            Ok(true) => self.back(flow, denied("consent_denied", "The user denied the request.")),
            Ok(false) => already_answered().into(),
            Err(error) => error.into(),
        }
    }

    /// Makes a refusal of a known user durable before it is answered.
    async fn refuse_user(
        &self,
        flow: &Flow,
        client: &Client,
        user: &User,
        refusal: Refusal,
        context: &Context,
    ) -> AuthorizeRefusal {
        let subject = Subject::Client(client.id.clone());
        let record = Record {
            outcome: Outcome::Refused(refusal.reason),
            ..context.record(Event::TokenRefused, Actor::User(user.id.clone()), Some(subject))
        };
        match self.store.record(&[record]).await {
            Ok(()) => self.back(flow, refusal),
            Err(error) => error.into(),
        }
    }

    /// An answer of ours to a request that ends here.
    pub(super) fn answered(&self, flow: &Flow, answer: Answer) -> Step {
        Step::Answered(Box::new(self.response(flow, answer)))
    }
}

/// The session of who has signed in as recently as the request wants, and is whom it names. `None`: somebody has to.
fn who_acts<'s>(
    flow: &Flow,
    session: Option<&'s Session>,
    context: &Context,
) -> Result<Option<&'s Session>, Refusal> {
    let required = || due(ErrorCode::LoginRequired, "login_required", "The user must sign in.");
    let for_it = session.is_some_and(|session| is_for(flow, session));
    let Some(session) = session.filter(|session| for_it || is_recent(flow, session, context)) else {
        return if flow.prompt.none { Err(required()) } else { Ok(None) };
    };
    match &flow.hinted {
        None => Ok(Some(session)),
        Some(Hinted::User(id)) if *id == session.user_id.as_str() => Ok(Some(session)),
        Some(_) if flow.prompt.none => Err(required()),
        Some(Hinted::Nobody) => Ok(Some(session)),
        // Who has just signed in is somebody else than was meant.
        Some(Hinted::User(_)) if for_it => Err(required()),
        Some(Hinted::User(_)) => Ok(None),
    }
}

/// The company that the user said, or that the session has acted for. Who has just signed in says it again.
fn wanted_company<'a>(flow: &'a Flow, session: &'a Session, act: &'a Act) -> Wanted<'a> {
    // What was theirs when they were asked may have been barred since: then they choose anew, or there is none (AZ-30).
    let before = session.company_id.as_ref().filter(|_id| !is_for(flow, session));
    match (act, flow.company.as_deref().or(before.map(CompanyId::as_str))) {
        (Act::Pick(company), _) => Wanted::This(company),
        (_, Some(rather)) => Wanted::Rather(rather),
        (_, None) => Wanted::Any,
    }
}

/// Whether the user has signed in since the request came: they have done so for it.
fn is_for(flow: &Flow, session: &Session) -> bool {
    session.auth_time >= flow.began_at()
}

/// Whether who signed in before the request came need not do so again. `max_age=0` always wants it (AZ-22).
fn is_recent(flow: &Flow, session: &Session, context: &Context) -> bool {
    let age = context.now.since(session.auth_time).as_millis();
    let young = |max: u32| max > 0 && age <= u128::from(max) * 1_000;
    !flow.prompt.asks_for_sign_in() && flow.max_age.is_none_or(young)
}

pub(super) fn already_answered() -> Refusal {
    let text = "This request was answered before. Go back to the application and start again.";
    Refusal::new(ErrorCode::InvalidRequest, "flow_answered", text)
}

pub(super) fn denied(reason: &'static str, text: &'static str) -> Refusal {
    Refusal::new(ErrorCode::AccessDenied, reason, text)
}

fn due(code: ErrorCode, reason: &'static str, text: &'static str) -> Refusal {
    Refusal::new(code, reason, text)
}
