//! A router that cannot have a route without a policy.

use std::convert::Infallible;
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, Route};
use futures_util::FutureExt as _;
use http::header::ALLOW;
use http::{Method, StatusCode};
use tower::{Layer, Service};

use crate::cors;
use crate::guard::Guard;
use crate::identify::Identify;
use crate::policy::{Policy, Rule};
use crate::problem::{Offer, Problem};
use crate::request_id::RequestId;
use crate::table::PolicyTable;

/// Collects routes, each with its policy, and becomes an `axum::Router`. Made by [`Guard::router`].
///
/// A route without a policy does not compile:
///
/// ```compile_fail,E0061
/// # use tokenry_guard::Guard;
/// use axum::routing::get;
///
/// fn app(guard: &Guard) -> axum::Router {
///     guard.router().route("/timesheets", get(|| async { "everyone's timesheets" })).build()
/// }
/// ```
///
/// and neither does a public route that asks for something:
///
/// ```compile_fail,E0277
/// # use tokenry_guard::{Guard, Public, Requirement};
/// # use axum::routing::get;
/// tokenry_guard::scopes! { pub Read = "read:timesheets"; }
///
/// fn app(guard: &Guard) -> axum::Router {
///     guard.router().route("/timesheets", get(|| async { "" }), Read.and(Public)).build()
/// }
/// ```
///
/// Paths that no route has are 404 `not_found`, methods that a path does not have are 405 `method_not_allowed`, both
/// without looking at credentials: which routes an API has is no secret, and what they answer is decided by their policy alone. A
/// policy holds for all that its `MethodRouter` serves, `HEAD` and a fallback of its own included.
pub struct GuardRouter<S = ()> {
    guard: Guard,
    router: Router<S>,
    declared: Vec<Declared<S>>,
    mistakes: Vec<RouteError>,
    layers: Layers,
}

/// Whether there are layers that could answer in place of a route.
#[derive(Clone, Copy)]
enum Layers {
    None,
    Some,
}

struct Declared<S> {
    path: String,
    methods: MethodRouter<S>,
    rule: Arc<Rule>,
}

/// A route that cannot work.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// The policy's `tenant_path` names a parameter that the path does not have.
    #[error("{path}: tenant_path(\"{parameter}\") needs a parameter {{{parameter}}} in the path")]
    MissingParameter {
        /// The route's template.
        path: String,
        /// The parameter's name.
        parameter: &'static str,
    },
    /// The policy asks for a company, and the guard was built without a tenant claim.
    #[error("{path}: tenant_path needs a guard that was built with .tenant(…)")]
    NoTenant {
        /// The route's template.
        path: String,
    },
    /// The policy has two `tenant_path`s: it would be unclear which company the handler is for.
    #[error("{path}: more than one tenant_path")]
    TwoCompanies {
        /// The route's template.
        path: String,
    },
}

/// All routes that cannot work, at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteErrors(Vec<RouteError>);

impl RouteErrors {
    /// The errors, in the order of the routes.
    pub fn iter(&self) -> std::slice::Iter<'_, RouteError> {
        self.0.iter()
    }
}

impl Display for RouteErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("routes that cannot work")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for RouteErrors {}

impl Guard {
    /// A router whose every route has a policy.
    #[must_use]
    pub fn router<S>(&self) -> GuardRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let guard = self.clone();
        let not_found =
            async move |request: Request| guard.problem(&request, Problem::from(crate::Denied::not_found()));
        GuardRouter {
            guard: self.clone(),
            router: Router::new().fallback(not_found),
            declared: Vec::new(),
            mistakes: Vec::new(),
            layers: Layers::None,
        }
    }

    /// An answer to a request that no route takes.
    fn problem(&self, request: &Request, problem: Problem) -> Response {
        let request_id = match request.extensions().get::<RequestId>() {
            Some(request_id) => request_id.clone(),
            None => self.inner().request_ids.of(request.headers()),
        };
        self.inner().answers.render(&problem, Offer::Bearer, Some(&request_id))
    }
}

impl<S> GuardRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds a route. Paths are axum's; several calls may add methods to one path, each with its own policy.
    ///
    /// # Panics
    /// As `axum::Router::route`, if the path is malformed or overlaps with another.
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter<S>, policy: impl Policy) -> Self {
        let rule = Arc::new(policy.into_rule());
        self.mistakes.extend(self.mistake(path, &rule));
        let guarded = methods.clone().layer(self.guard.layer(&rule));
        self.router = self.router.route(path, guarded);
        self.declared.push(Declared { path: path.to_owned(), methods, rule });
        self
    }

    fn mistake(&self, path: &str, rule: &Rule) -> Option<RouteError> {
        let parameter = rule.tenant_path()?;
        let path = path.to_owned();
        if rule.tenant_paths.len() > 1 {
            Some(RouteError::TwoCompanies { path })
        } else if !path.split('/').any(|segment| segment == format!("{{{parameter}}}")) {
            Some(RouteError::MissingParameter { path, parameter })
        } else if self.guard.inner().verifier.expected.namespace.is_none() {
            Some(RouteError::NoTenant { path })
        } else {
            None
        }
    }

    /// Adds the routes of another router of the same guard, from another module for instance.
    ///
    /// # Panics
    /// As `axum::Router::merge`, if paths overlap.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        // Both have our own fallback, and axum merges only if one has.
        self.router = self.router.merge(other.router.reset_fallback());
        self.declared.extend(other.declared);
        self.mistakes.extend(other.mistakes);
        if let Layers::Some = other.layers {
            self.layers = Layers::Some;
        }
        self
    }

    /// Adds a layer around all routes added so far, and around the answers 404 and 405; outside of the guard. Right for body
    /// limits, time limits, traces. CORS for the guard's [allowed origins](crate::GuardBuilder::allowed_origins) is there without
    /// one, around everything.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self = self.with_method_fallback();
        self.router = self.router.layer(layer);
        self.layers = Layers::Some;
        self
    }

    /// Supplies the state.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> GuardRouter<S2>
    where
        S2: Clone + Send + Sync + 'static,
    {
        let declared = self.declared.into_iter().map(|Declared { path, methods, rule }| Declared {
            path,
            methods: methods.with_state(state.clone()),
            rule,
        });
        GuardRouter {
            declared: declared.collect(),
            guard: self.guard,
            router: self.router.with_state(state),
            mistakes: self.mistakes,
            layers: self.layers,
        }
    }

    /// Paths without a method for this request: 405, with axum's `Allow`.
    fn with_method_fallback(mut self) -> Self {
        let guard = self.guard.clone();
        let not_allowed = async move |request: Request| {
            let problem =
                Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed");
            guard.problem(&request, problem.detail("This resource does not have that method."))
        };
        self.router = self.router.method_not_allowed_fallback(not_allowed);
        self
    }
}

impl GuardRouter {
    /// The finished router. Its routes are in [`Guard::policy_table`] from now on.
    ///
    /// # Panics
    /// If a route cannot work, as axum's routers do, so that it is found out at start. [`GuardRouter::try_build`]
    /// returns the same as an error.
    #[track_caller]
    pub fn build(self) -> Router {
        match self.try_build() {
            Ok(router) => router,
            #[expect(
                clippy::panic,
                reason = "documented; routes are code, and axum's own mistakes panic too"
            )]
            Err(errors) => panic!("{errors}"),
        }
    }

    /// The finished router. Its routes are in [`Guard::policy_table`] from now on.
    ///
    /// # Errors
    /// [`RouteErrors`] with everything that cannot work.
    pub fn try_build(self) -> Result<Router, RouteErrors> {
        if !self.mistakes.is_empty() {
            return Err(RouteErrors(self.mistakes));
        }
        let table = self.policy_table();
        self.guard.inner().table.extend(&table);
        let this = self.with_method_fallback().with_cors(&table);
        let router = match this.layers {
            // Routes and fallbacks identify their answers themselves.
            Layers::None => this.router,
            Layers::Some => this.router.layer(Identify(this.guard)),
        };
        Ok(router)
    }

    /// Around everything, so that listed pages can read every answer.
    fn with_cors(self, table: &PolicyTable) -> Self {
        let origins = &self.guard.inner().origins;
        if origins.is_empty() {
            return self;
        }
        let cors = cors::layer(origins, table);
        Self { router: self.router.layer(cors), layers: Layers::Some, ..self }
    }

    fn policy_table(&self) -> PolicyTable {
        let accepted = self.guard.inner().verifier.accepted;
        let mut table = PolicyTable::default();
        for declared in &self.declared {
            for method in served_methods(&declared.methods) {
                table.insert(&declared.path, method, &declared.rule, accepted);
            }
        }
        table
    }
}

/// Asks a method router which methods it has, without running a handler: all is covered by a layer that answers at
/// once, and axum adds `Allow` exactly to what no method serves.
fn served_methods(methods: &MethodRouter) -> Vec<&'static str> {
    const ALL: [(Method, &str); 8] = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::TRACE, "TRACE"),
    ];
    let answer = tower::layer::layer_fn(|_: Route| {
        tower::service_fn(|_: Request| std::future::ready(Ok::<Response, Infallible>(Response::default())))
    });
    let mut covered = methods.clone().layer::<_, Infallible>(answer);
    let mut serves = |method: &Method| {
        let mut request = Request::default();
        *request.method_mut() = method.clone();
        let answered = Service::<Request>::call(&mut covered, request).now_or_never();
        answered.is_some_and(|Ok(response)| !response.headers().contains_key(ALLOW))
    };
    let served: Vec<_> = ALL.into_iter().filter(|(method, _)| serves(method)).map(|(_, name)| name).collect();
    match served.as_slice() {
        all if all.len() == ALL.len() => vec!["ANY"],
        ["GET", "HEAD", rest @ ..] => [&["GET"], rest].concat(),
        other => other.to_vec(),
    }
}

impl<S> Debug for GuardRouter<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let routes = self.declared.iter().map(|declared| (&declared.path, &declared.rule));
        f.debug_map().entries(routes).finish()
    }
}
