//! Tokenry's HTTP endpoints, and the accept loop that serves them.
//!
//! A request meets, in this order: [`mod@serve`] (connections and their limits), `middleware` (id, host, place, time,
//! panic, header fields), one file per endpoint (bytes in, bytes out, no decision), the engine (which decides), and
//! `problem` (how a failure looks).

mod app;
mod authorize;
mod body;
mod causes;
mod conditional;
mod cors;
mod dev_mailbox;
mod docs;
mod end_session;
mod guard;
mod health;
mod json;
mod leaks;
mod mail;
mod manage;
pub mod metrics;
mod middleware;
mod oauth;
mod outbound;
mod paths;
mod problem;
pub mod serve;
mod session;
mod ui;
mod userinfo;
mod well_known;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};
use tokio::sync::Semaphore;

pub use crate::app::{App, Headless, SameSite, Scheme, Settings};
use crate::app::{State, challenge};
pub use crate::causes::{root_cause, tls_error};
pub use crate::mail::letters::letter_subject;
pub use crate::mail::{Smtp, SmtpError, SmtpSettings, SmtpTrouble};
pub use crate::middleware::hosts::{HostPolicy, InvalidHost, Loopback};
use crate::middleware::{Edge, Rules};
pub use crate::outbound::{Outbound, OutboundError, OutboundSettings};
pub use crate::paths::pages;
pub use crate::problem::problems;
use crate::problem::{Fault, Manner};

/// Every endpoint of the authorization server. `/metrics` is not among them: see [`metrics::Metrics::router`].
pub fn router(app: App) -> Router {
    let places = Arc::new(Semaphore::new(app.settings.requests.min(Semaphore::MAX_PERMITS)));
    let engine = Arc::clone(&app.engine);
    let edge = Edge::new(Rules {
        manner: Manner {
            challenge: challenge(app.engine.issuer()),
            look: Box::new(move || engine.theme(None).into()),
            style: app.engine.error_style(),
        },
        hosts: app.settings.hosts.clone(),
        request_timeout: app.settings.request_timeout,
        scheme: app.settings.scheme,
        rng: Arc::clone(&app.rng),
        places: Arc::clone(&places),
    });
    let state = Arc::new(State::new(&app, places));
    let crossing = axum::middleware::from_fn_with_state(Arc::clone(&state), session::origins::open);
    Router::new()
        .route(paths::ACCOUNT, get(ui::account::profile::show).post(ui::account::profile::change))
        .route(paths::ACCOUNT_ADDRESS, get(ui::account::address::show).post(ui::account::address::change))
        .route(paths::ACCOUNT_APPS, get(ui::account::apps::show).post(ui::account::apps::revoke))
        .route(paths::ACCOUNT_DATA, get(ui::account::data::show).post(ui::account::data::act))
        .route(paths::ACCOUNT_DEVELOPER, get(ui::account::developer::show).post(ui::account::developer::act))
        .route(
            paths::ACCOUNT_DEVELOPER_NEW,
            get(ui::account::developer::new::show).post(ui::account::developer::new::write),
        )
        .route(paths::ACCOUNT_DEVELOPER_SECRET, get(ui::account::developer::secret::show))
        .route(paths::ACCOUNT_DEVELOPER_TOKEN, get(ui::account::developer::confirm::show))
        .route(paths::ACCOUNT_LEAVING, get(ui::account::leaving::show).post(ui::account::leaving::act))
        .route(paths::ACCOUNT_SECURITY, get(ui::account::security::show).post(ui::account::security::change))
        .route(paths::ACCOUNT_SESSIONS, get(ui::account::sessions::show).post(ui::account::sessions::end))
        .route(paths::ACK, post(guard::ack::ack))
        .route(paths::ADDRESS, get(ui::address::show).post(ui::address::use_link))
        .route(paths::ADDRESS_DONE, get(ui::address::done))
        .route(paths::ADDRESS_WAITING, get(ui::address::waiting))
        .route(
            paths::AUTHORIZATION_SERVER,
            get(well_known::discovery::authorization_server).options(cors::preflight),
        )
        .route(paths::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(paths::CHANGE_PASSWORD, get(ui::account::change_password))
        .route(paths::CONSENT, get(ui::consent::show).post(ui::consent::decide))
        .route(paths::COPY_SCRIPT, get(ui::script::copy))
        .route(paths::DOCS, get(docs::index))
        .route(paths::DOCS_PAGE, get(docs::document))
        .route(paths::DOCS_SLASH, get(docs::slash))
        .route(paths::END_SESSION, get(end_session::end_session).post(end_session::end_session))
        // A question about the stream must not open one.
        .route(paths::EVENTS, get(guard::events::events).head(async || Fault::MethodNotAllowed))
        .route(paths::FORM_POST_SCRIPT, get(ui::script::form_post))
        .route(paths::HEALTH, get(health::live))
        .route(paths::INTROSPECT, post(oauth::introspect::introspect))
        .route(paths::JWKS, get(well_known::jwks::jwks).options(cors::preflight))
        .route(paths::LEAKS, post(leaks::report))
        .route(paths::LEAKS_GITHUB, post(leaks::github::report))
        .route(paths::LLMS, get(docs::llms))
        .route(paths::LOGIN, get(ui::login::show).post(ui::login::submit))
        .route(paths::LOGIN_CODE, get(ui::login::code::show).post(ui::login::code::submit))
        .route(paths::LOGIN_PASSKEY, get(ui::login::code::show).post(ui::login::passkey::submit))
        .route(paths::LOGO, get(ui::theme::logo))
        .route(paths::LOGOUT, get(ui::logout::confirm).post(ui::logout::sign_out))
        .route(paths::MAILBOX, get(dev_mailbox::list))
        .route(paths::MAILBOX_HTML, get(dev_mailbox::html))
        .route(paths::MAILBOX_LETTER, get(dev_mailbox::letter))
        .route(paths::MY_SECRET, get(manage::account_secret::show))
        .route(paths::MY_SECRET_REVEAL, post(manage::account_secret::reveal))
        .route(paths::MY_SECRET_REVOKE, post(manage::account_secret::revoke))
        .route(paths::MY_SECRET_ROTATE, post(manage::account_secret::rotate))
        .route(paths::MY_TOKEN, delete(manage::revoke_token::revoke))
        .route(paths::MY_TOKENS, get(manage::list_tokens::list).post(manage::create_token::create))
        .route(paths::MY_TOKEN_REFRESH, post(manage::refresh_token::refresh))
        .route(paths::MY_TOKEN_ROLL, post(manage::roll_token::roll))
        .route(paths::OPENID, get(well_known::discovery::openid).options(cors::preflight))
        .route(paths::PASSKEYS_SCRIPT, get(ui::script::passkeys))
        .route(paths::READY, get(health::ready))
        .route(paths::RESET, get(ui::reset::show).post(ui::reset::send))
        .route(paths::RESET_DONE, get(ui::reset::done))
        .route(paths::RESET_PASSWORD, get(ui::reset::show_password).post(ui::reset::set_password))
        .route(paths::RESET_SENT, get(ui::reset::sent))
        .route(paths::REVOKE, post(oauth::revoke::revoke).options(cors::preflight))
        .route(paths::ROOT, get(ui::account::root))
        .route(paths::SESSION, get(session::show::show).post(session::begin::begin).delete(session::end::end))
        .route(paths::SESSION_CHECK, post(guard::session_check::check))
        .route(paths::SESSION_CSRF, get(session::csrf::csrf))
        .route(paths::SESSION_TOKEN, post(session::token::token))
        .route(paths::SIGN_UP, get(ui::sign_up::show).post(ui::sign_up::send))
        .route(paths::SIGN_UP_SENT, get(ui::sign_up::sent))
        .route(paths::SNAPSHOT, get(guard::snapshot::snapshot))
        .route(paths::STYLE, get(ui::style::style))
        .route(paths::TOKEN, post(oauth::token::token).options(cors::preflight))
        .route(paths::USERINFO, get(userinfo::userinfo).post(userinfo::userinfo).options(cors::preflight))
        .route(paths::VERIFY, get(ui::verify::show).post(ui::verify::verify))
        .route(paths::VERIFY_DONE, get(ui::verify::verified))
        .fallback(async || Fault::NotFound)
        .method_not_allowed_fallback(async || Fault::MethodNotAllowed)
        .layer(crossing)
        .layer(edge)
        .with_state(state)
}
