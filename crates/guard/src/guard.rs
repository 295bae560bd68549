//! The guard itself: who sends this request, and may they do what the route does?

use std::fmt::{self, Debug, Formatter};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ipnet::IpNet;
use tokenry_clock::{Clock, Timestamp};

use crate::GuardBuilder;
use crate::accept::Credential;
use crate::asker::Asker;
use crate::authority::{Authorities, Authority, Kind};
use crate::caller::Caller;
use crate::companies::CompanyDirectory;
use crate::credential::{Presented, presented};
use crate::csrf;
use crate::denied::{Denied, Reason};
use crate::limit::Refusals;
use crate::origins::Origins;
use crate::policy::{Access, OnStale, Rule};
use crate::problem::Answers;
use crate::question::{Question, Shown};
use crate::remote::Background;
use crate::request_id::RequestIds;
use crate::sent::Sent;
use crate::status::GuardStatus;
use crate::table::{PolicyTable, SharedTable};
use crate::token::{Failure, Form, Token, Verifier, Wait};

/// Decides about the requests to one API. Clones are cheap and share everything.
///
/// Made by [`Guard::builder`]. Used through [`Guard::router`], or [`Guard::require`] for people who keep their
/// `axum::Router`, or [`Guard::authenticate`] without any framework.
///
/// Keys, companies and revocations are loaded and kept up to date in the background until the last clone is dropped. Until
/// there are keys and a snapshot, requests with a token are answered 503; after that a failing authorization server
/// stops nothing but what has to be asked.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) verifier: Verifier,
    pub(crate) authorities: Authorities,
    /// Asks the first issuer about what does not speak for itself.
    pub(crate) asker: Arc<Asker>,
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) origins: Arc<Origins>,
    /// Of what names nobody.
    pub(crate) refusals: Refusals,
    /// The API's own knowledge of companies, in place of what issuers say.
    pub(crate) directory: Option<Arc<dyn CompanyDirectory>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) answers: Answers,
    pub(crate) request_ids: RequestIds,
    pub(crate) table: SharedTable,
    pub(crate) gone: AtomicBool,
    /// Ends with the last clone.
    pub(crate) background: Background,
}

/// One request, as far as it says who sends it.
struct Request<'a> {
    sent: Sent<'a>,
    /// Whether the route takes account secrets.
    takes_secret: bool,
    now: Timestamp,
}

/// A refusal, and who is refused, if that is known, for the record.
type Refused = (Denied, Option<Caller>);

/// The decision about one request.
pub(crate) enum Verdict {
    /// May pass: a caller, or nobody on a route that is public or optional.
    Allowed(Option<Caller>),
    /// May not; the caller is known if only the permission is lacking.
    Denied(Denied, Option<Caller>),
    /// Nobody knows yet.
    Wait(Wait),
}

impl Guard {
    /// Starts the configuration of a guard.
    pub fn builder() -> GuardBuilder {
        GuardBuilder::new()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The framework-free core: who sends this request at `now`? A request is its [`http::request::Parts`], or its header
    /// fields alone; see [`Sent`] for what that leaves unknown.
    ///
    /// Only the credential is checked; scope and company are the caller's to ask for, with
    /// [`Caller::require_scope`] and its siblings. Account secrets are not taken, for they are only where a route says so.
    /// No decision record is written.
    ///
    /// # Errors
    /// [`Denied`] without a credential, with more than one, or with one that is not valid for this API at `now`.
    pub async fn authenticate<'a>(
        &self,
        request: impl Into<Sent<'a>>,
        now: Timestamp,
    ) -> Result<Caller, Denied> {
        let request = Request { sent: request.into(), takes_secret: false, now };
        let caller = match self.identify(&request) {
            Err(Failure::Wait(wait, _)) => {
                self.identify_after(wait, &request).await.map_err(|(denied, _)| denied)
            }
            Err(Failure::Denied(denied) | Failure::Misused(denied, _)) => Err(denied),
            Ok(caller) => Ok(caller),
        };
        caller?.ok_or_else(|| Denied::new(Reason::MissingCredentials))
    }

    /// Returns when keys and snapshot have been loaded and the stream of events has begun, or has not for two seconds; at
    /// once if that has been. Give it a time limit.
    pub async fn ready(&self) {
        for authority in self.0.authorities.iter() {
            authority.ready().await;
        }
    }

    /// Whether [`ready`](Self::ready) would return at once: requests can be answered. For readiness probes.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_gone() && self.0.authorities.iter().all(|authority| authority.is_ready())
    }

    /// What the guard knows, and since when.
    #[must_use]
    pub fn status(&self) -> GuardStatus {
        GuardStatus::of(&self.0.authorities)
    }

    /// Signs off: from now on the guard refuses everything that asks for a caller with 503 `shutting_down`, and the authorization
    /// server, told so, no longer waits for this guard when something is revoked. Takes two seconds at most.
    ///
    /// For the end of a program, when axum's graceful shutdown is over: what was let in before is not called back. A
    /// guard that goes without this, killed or dropped, is waited for in vain for ten minutes: commands that take rights
    /// away say `propagated: false`.
    pub async fn shutdown(&self) {
        self.0.gone.store(true, Ordering::SeqCst);
        self.0.background.sign_off().await;
    }

    /// Every route of the routers that were built with this guard, with its policy. `Display` prints it as text, one
    /// line a route, ready for a snapshot test.
    #[must_use]
    pub fn policy_table(&self) -> PolicyTable {
        self.0.table.read()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::SeqCst)
    }

    /// Decides about one request, as far as that goes without waiting. `path_company` is what the path parameter of
    /// the rule's `tenant_path` says.
    pub(crate) fn decide(
        &self,
        rule: &Rule,
        sent: Sent<'_>,
        path_company: Option<&str>,
        now: Timestamp,
    ) -> Verdict {
        if rule.access == Access::Public {
            return Verdict::Allowed(None);
        }
        match self.identify(&Request { sent, takes_secret: rule.takes_secret, now }) {
            Ok(caller) => match judge(caller, rule, path_company) {
                Ok(caller) => Verdict::Allowed(caller),
                Err((denied, caller)) => Verdict::Denied(denied, caller),
            },
            Err(Failure::Denied(denied)) => Verdict::Denied(denied, None),
            Err(Failure::Misused(denied, caller)) => Verdict::Denied(denied, Some(*caller)),
            Err(Failure::Wait(wait, _)) => Verdict::Wait(wait),
        }
    }

    /// Decides about a request for which there was something to wait for.
    pub(crate) async fn decide_after(
        &self,
        wait: Wait,
        rule: &Rule,
        sent: Sent<'_>,
        path_company: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Caller>, Refused> {
        let request = Request { sent, takes_secret: rule.takes_secret, now };
        judge(self.identify_after(wait, &request).await?, rule, path_company)
    }

    fn identify(&self, request: &Request<'_>) -> Result<Option<Caller>, Failure> {
        if self.is_gone() {
            return Err(Denied::new(Reason::ShuttingDown).because("the guard has signed off").into());
        }
        let accepted = self.0.verifier.accepted.and_secret(request.takes_secret);
        let token = match presented(&request.sent, accepted)? {
            Presented::Bearer(text) => match self.0.verifier.bearer(text)? {
                Form::Asked(key) => self.known(Shown::token(key, text), request)?,
                Form::Guess(denied) => return Err(self.refuse(denied, request).into()),
                Form::Jwt(text) => self.0.verifier.verify(text, &self.0.authorities)?,
            },
            Presented::Cookie(cookie) => self.known(Shown::cookie(cookie), request)?,
            Presented::Nothing => return Ok(None),
            Presented::Secret(text) => self.secret(text, request)?,
        };
        Ok(Some(self.admit(token, request)?))
    }

    /// What need not be asked about. What is refused counts, and what lives is asked about however much was refused from there:
    /// whoever shares an address with a guesser is served (INT-07).
    fn known(&self, shown: Shown<'_>, request: &Request<'_>) -> Result<Arc<Token>, Failure> {
        match self.0.asker.known(shown.key()).map_err(|denied| self.refuse(denied, request))? {
            Some(token) => Ok(token),
            None => {
                let question = Question::new(shown, &request.sent, self.client_address(request));
                let denied = Denied::new(Reason::IntrospectionUnavailable);
                Err(Failure::Wait(Wait::Answer(Box::new(question)), denied))
            }
        }
    }

    /// An account secret, unless too much was refused from there.
    fn secret(&self, text: &str, request: &Request<'_>) -> Result<Arc<Token>, Failure> {
        self.0.refusals.check(self.client_address(request), request.now)?;
        match self.0.verifier.secret(text) {
            Ok(key) => self.known(Shown::token(key, text), request),
            Err(denied) => Err(self.refuse(denied, request).into()),
        }
    }

    /// Counts what names nobody and is refused.
    fn refuse(&self, denied: Denied, request: &Request<'_>) -> Denied {
        self.0.refusals.refuse(denied, self.client_address(request), request.now)
    }

    fn client_address(&self, request: &Request<'_>) -> Option<IpAddr> {
        request.sent.client_address(&self.0.proxies)
    }

    /// Waits, then looks again, and that settles it.
    async fn identify_after(&self, wait: Wait, request: &Request<'_>) -> Result<Option<Caller>, Refused> {
        match wait {
            Wait::Answer(question) => {
                let token = self.0.asker.ask(&question).await;
                let token = token.map_err(|denied| (self.refuse(denied, request), None))?;
                self.admit(token, request).map(Some).map_err(settled)
            }
            Wait::UnknownKey(authority) => {
                authority.keys.look_again(request.now).await;
                self.identify(request).map_err(settled)
            }
        }
    }

    /// What is checked at every request, however the token got here.
    fn admit(&self, token: Arc<Token>, request: &Request<'_>) -> Result<Caller, Failure> {
        token.check_now(request.now)?;
        let used = self.check_use(&token, request);
        let caller = Caller::new(token, self.clone());
        match used {
            Ok(()) => Ok(caller),
            Err(denied) => Err(Failure::Misused(denied, Box::new(caller))),
        }
    }

    /// Whether this request may use the credential.
    fn check_use(&self, token: &Token, request: &Request<'_>) -> Result<(), Denied> {
        if token.conditions.has_addresses() {
            token.conditions.check_address(self.client_address(request))?;
        }
        if token.credential == Credential::Cookie {
            csrf::check(&request.sent, &self.0.origins, token.conditions.csrf_sha256.as_ref())?;
        }
        Ok(())
    }
}

/// After there was something to wait for: nobody waits twice.
fn settled(failure: Failure) -> Refused {
    match failure {
        Failure::Denied(denied) | Failure::Wait(_, denied) => (denied, None),
        Failure::Misused(denied, caller) => (denied, Some(*caller)),
    }
}

fn judge(caller: Option<Caller>, rule: &Rule, path_company: Option<&str>) -> Result<Option<Caller>, Refused> {
    match caller {
        Some(caller) => match permit(&caller, rule, path_company) {
            Ok(()) => Ok(Some(caller)),
            Err(denied) => Err((denied, Some(caller))),
        },
        None if rule.access == Access::Optional => Ok(None),
        None => Err((Denied::new(Reason::MissingCredentials), None)),
    }
}

fn permit(caller: &Caller, rule: &Rule, path_company: Option<&str>) -> Result<(), Denied> {
    if rule.on_stale == OnStale::Deny && caller.credential() == Credential::Jwt && caller.is_stale() {
        return Err(Denied::new(Reason::Stale).because("the event stream is stale, and the policy says deny"));
    }
    caller.require_scopes(&rule.scopes)?;
    path_company.map_or(Ok(()), |company| caller.require_tenant(company))
}

impl Inner {
    /// The directory that knows the corporations in this issuer's tokens. Nobody knows those of a foreign one.
    pub(crate) fn directory_of<'a>(&'a self, authority: &'a Authority) -> Option<&'a dyn CompanyDirectory> {
        match (&self.directory, authority.kind) {
            (_, Kind::Foreign) => None,
            (Some(own), Kind::Tokenry) => Some(&**own),
            (None, Kind::Tokenry) => Some(&authority.companies),
        }
    }
}

impl Debug for Guard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("authorities", &self.0.authorities)
            .field("expected", &self.0.verifier.expected)
            .finish_non_exhaustive()
    }
}
