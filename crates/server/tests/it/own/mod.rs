//! Credentials of users' own: personal access tokens, what their owners do with them, and what an API is told of one.

mod asked;
mod ends;
mod live;
mod made;
mod replaced;
mod told;

use tokenry_engine::IssuedPat;
use tokenry_testkit::{Engine, Member, TestApp, new_pat};

use crate::app::{Answer, Server};
use crate::introspect::introspect;

/// What the demo's API is told of a token.
async fn ask(server: &Server, token: &str) -> Answer {
    introspect(server, &server.demo.api, token).await
}

/// A server, ann of Acme who may do all there, and a token of hers for everything.
async fn with_one(engine: Engine) -> (Server, Member, IssuedPat) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let issued = server.pat(&ann, new_pat("CI")).await;
    (server, ann, issued)
}

/// The events about tokens in the audit trail, in order.
async fn events(app: &TestApp) -> Vec<String> {
    app.audit()
        .await
        .into_iter()
        .map(|record| record.event)
        .filter(|event| event.starts_with("pat."))
        .collect()
}
