//! Resource-server kit: access tokens, scopes and companies checked on every request, deny by default.
//!
//! ```
//! use axum::extract::{Path, State};
//! use axum::http::StatusCode;
//! use axum::routing::{delete, get, post};
//! use tokenry_guard::{Caller, Company, Denied, Guard, Public, Requirement, Secret, TenantClaim, tenant_path};
//!
//! tokenry_guard::scopes! {
//!     pub Create = "create:timesheets";
//!     pub Read = "read:timesheets";
//!     pub Delete = "delete:timesheets";
//! }
//!
//! # #[derive(Clone)] struct Db;
//! # struct Sheet { company_id: String }
//! # impl Db { async fn find(&self, _: &str) -> Option<Sheet> { None } async fn of(&self, _: &str) -> String { String::new() } }
//! # async fn app(api_id: &str, api_secret: Secret, db: Db) -> Result<axum::Router, tokenry_guard::ConfigErrors> {
//! let guard = Guard::builder()
//!     .issuer("https://id.example.com")
//!     .audience("https://timesheets.example.com")
//!     .credentials(api_id, api_secret)
//!     .tenant(TenantClaim::namespace("https://auth.example.com/metadata"))
//!     .build()
//!     .await?;
//!
//! let app = guard
//!     .router() // a route without a policy does not compile
//!     .route("/companies/{company_id}/timesheets", get(list), Read.and(tenant_path("company_id")))
//!     .route("/timesheets/{id}", delete(remove), Delete)
//!     .route("/import", post(import), Create.accept(Secret)) // the one route that takes account secrets too
//!     .route("/healthz", get(|| async { "ok" }), Public)
//!     .with_state(db)
//!     .build();
//! # Ok(app)
//! # }
//!
//! // The type says that the route asked for the scope; the company is one that the caller may act for.
//! async fn list(_caller: Caller<Read>, company: Company, State(db): State<Db>) -> String {
//!     db.of(&company).await
//! }
//!
//! # async fn import(_caller: Caller<Create>) {}
//! // An object's company is known only when it was looked up: not_found either way, so that ids do not leak.
//! async fn remove(caller: Caller<Delete>, Path(id): Path<String>, State(db): State<Db>) -> Result<StatusCode, Denied> {
//!     let sheet = db.find(&id).await.ok_or_else(Denied::not_found)?;
//!     caller.require_company(&sheet.company_id)?;
//!     Ok(StatusCode::NO_CONTENT)
//! }
//! ```
//!
//! # What happens to a request
//!
//! 1. One credential: in one `Authorization` header field, or in one cookie of a browser; both together are 400. Each API says
//!    [which kinds](GuardBuilder::accept) it takes. The scheme `Secret` counts only where the route's policy says
//!    [`accept(Secret)`](Requirement::accept), and nothing else counts anywhere.
//! 2. A signed token (RFC 9068): its `iss` picks the issuer, whose key of that `kid`, bound to its algorithm, verifies the
//!    signature; `typ` is `at+jwt`. Once a token, then remembered for as long as the key set stays the same.
//!
//!    Anything else: the first issuer is asked what it is, once for all requests that wait for it: by introspection (RFC 7662)
//!    for an opaque token, a personal access token or an account secret, by session-check for a cookie. What begins with the
//!    issuer's [brand](GuardBuilder::brand) and has a wrong checksum is refused without asking. A good answer is used again for a
//!    minute at most, and only while the stream of events is fresh; one that was asked for before the stream said that its user may
//!    do another thing is not used at all.
//! 3. Issuer, audience, subject, client, scope, tenant claim: present, of the right type, for this API.
//! 4. Time, and whether the token, its handle, its key or its company is dead. From here on at every request,
//!    remembered or not.
//!
//!    Of a personal access token that is for some addresses: whether the request [comes from one](GuardBuilder::trusted_proxies). Of
//!    a cookie, unless the method changes nothing: whether a page of this API sent it, or one of an [allowed
//!    origin](GuardBuilder::allowed_origins), with the session's token in `X-CSRF-Token`.
//! 5. The policy of the route: scopes, then the company that the path names.
//! 6. The handler, with a [`Caller`] that only the guard can make, and a decision record (target [`DECISION_TARGET`]).
//!
//! What is decided depends on what the issuer says of a credential, never on its kind: a JWT, a personal access token and a
//! cookie of the same user for the same company open the same.
//!
//! Which company a caller may act for comes from the token's claims and the company directory alone: allowed is the
//! token's `companyId` and, with a `corporationId`, every company of that corporation. Nothing in a request widens it. Lists take
//! their condition from [`Caller::company_filter`].
//!
//! # Which errors there are
//!
//! Refusals are RFC 9457 problem details with a stable `code`; the guard's own are these.
//!
//! | status | `code` | |
//! |---|---|---|
//! | 400 | `invalid_request` | more than one credential |
//! | 401 | `missing_credentials` | none |
//! | 401 | `scheme_not_accepted` | `Basic`; `Secret` on a route that does not take it, or from a browser |
//! | 401 | `invalid_token`, `token_expired` | nothing finer; [`GuardBuilder::development`] says why |
//! | 403 | `csrf_failed` | a cookie alone, for what changes something |
//! | 403 | `insufficient_scope` | with `required` and `granted` |
//! | 403 | `tenant_mismatch` | the path names another company |
//! | 404 | `not_found` | no such route or object, or one of another company |
//! | 405 | `method_not_allowed` | |
//! | 429 | `rate_limited` | more than 600 credentials from one address refused within a minute: what else of it is refused is answered so, what lives is served, and its account secrets are not looked at |
//! | 500 | `internal_error` | an extractor on a route whose policy does not provide for it |
//! | 503 | `keys_unavailable`, `snapshot_unavailable`, `directory_unavailable` | not loaded from the authorization server yet |
//! | 503 | `introspection_unavailable` | what has to be asked about, and the authorization server does not say what it is |
//! | 503 | `revocations_unavailable` | more revocations than [`GuardBuilder::revocation_cap`] allows |
//! | 503 | `access_data_stale` | see below, and [`OnStale::Deny`] |
//! | 503 | `shutting_down` | after [`Guard::shutdown`] |
//!
//! # Staleness
//!
//! A guard takes a snapshot of what its authorization server says (revocations, companies, keys) and then follows a stream of
//! events, which says once a second that nothing is missing. What was revoked is refused as soon as the event is there, and
//! whoever revoked it is told when all guards have confirmed; within two seconds in any case while the stream is fresh.
//!
//! Fresh is the stream while everything is known that was committed up to two seconds ago, by when the server read its database,
//! not by when the bytes came: a connection that is slow or delivers late makes it stale. While it is:
//!
//! - signed tokens are served by what is known, with `stale` in their decision records, one warning at the beginning and a line
//!   at the end; or refused with 503 on routes whose policy says [`on_stale`](Requirement::on_stale)`(`[`OnStale::Deny`]`)`;
//! - all other credentials are asked about at each request; without an answer it is 503.
//!
//! The guard reconnects by itself. If the server's database was restored meanwhile and lacks what the guard knows, the guard notices
//! and takes a new snapshot. It forgets a revocation a day after its tokens have expired; should the host's clock run ahead
//! by more for a while, it refuses what it may have forgotten, and takes a new snapshot when the clock is right again. A guard that
//! never had a snapshot answers 503; one that has [`GuardBuilder::state_dir`] starts with what it knew, if that is no older than ten minutes. Of an issuer that is
//! [foreign](Issuer::foreign) only the keys are known, as fresh as its `max-age` (at most an hour).
//!
//! [`Guard::status`] says how it stands, and so do these metrics of the [`metrics`] facade, to whatever exporter the program has:
//! `tokenry_guard_stream_age_seconds{issuer}`, `tokenry_guard_revocations{issuer}`,
//! `tokenry_guard_decisions_total{outcome,stale}`.
//!
//! # The end
//!
//! Call [`Guard::shutdown`] when the server has stopped serving. A guard that goes without a word is waited for in vain for ten
//! minutes by everyone who revokes something.

mod accept;
mod asker;
mod authority;
mod builder;
mod cache;
mod caller;
mod claims;
mod companies;
mod conditions;
mod config_error;
mod cors;
mod credential;
mod csrf;
mod denied;
mod extract;
mod freshness;
mod guard;
mod horizon;
mod identify;
mod issuer;
mod keys;
mod layer;
mod limit;
mod origins;
mod policy;
mod problem;
mod proxies;
mod question;
mod record;
mod remote;
mod request_id;
mod revocations;
mod router;
mod scopes;
mod sent;
mod status;
mod subjects;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod token;

pub use accept::{Accept, Bearer, Cookie, Credential, Secret, SecretScheme};
pub use builder::{GuardBuilder, TenantClaim};
pub use caller::{AnyScope, Caller, ClaimsMismatch, CompanyFilter, MAX_LISTED_COMPANIES, Principal};
pub use companies::CompanyDirectory;
pub use config_error::{ConfigError, ConfigErrors};
pub use denied::Denied;
#[doc(hidden)]
pub use denied::refusals as __refusals;
pub use extract::Company;
pub use guard::Guard;
pub use issuer::Issuer;
pub use layer::{GuardFuture, GuardLayer, GuardService};
pub use policy::{
    All, Authenticated, OnStale, Optional, Policy, Public, Requirement, Rule, TenantPath, tenant_path,
};
pub use problem::Problem;
pub use record::DECISION_TARGET;
#[doc(hidden)]
pub use record::METRICS as __METRICS;
pub use request_id::RequestId;
pub use router::{GuardRouter, RouteError, RouteErrors};
pub use scopes::ScopeType;
#[doc(hidden)]
pub use scopes::is_scope_token as __is_scope_token;
pub use sent::Sent;
pub use status::{GuardStatus, IssuerStatus};
pub use table::{PolicyRow, PolicyTable};
pub use tokenry_clock::{Clock, MockClock, SystemClock, Timestamp};
#[doc(hidden)]
pub use tokenry_protocol::problem::Kind as __ProblemKind;
pub use tokenry_protocol::{Dialect, Scope, Secret};
