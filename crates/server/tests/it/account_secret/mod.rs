//! The secret of a developer's account: what it opens here, what an API is told of it, and what its owner does about it.

mod asked;
mod caller;
mod limits;
mod owner;
mod replaced;
mod routes;
mod told;

use tokenry_testkit::{Engine, Member, TestApp};

use crate::app::{Answer, Server};
use crate::introspect::introspect;

const LINE: &str = "POST /oauth/introspect";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// What the demo's API is told of a secret.
async fn ask(server: &Server, secret: &str) -> Answer {
    introspect(server, &server.demo.api, secret).await
}

/// What is said about a token to whoever sends that `Authorization`.
async fn ask_as(server: &Server, authorization: &str, token: &str) -> Answer {
    server.ask(LINE, &[FORM, ("Authorization", authorization)], format!("token={token}")).await
}

/// A server, ann of Acme who may do all there and is a developer, and her account's secret.
async fn with_one(engine: Engine) -> (Server, Member, String) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let secret = server.account_secret(&ann.id).await;
    (server, ann, secret)
}

/// What there is of secrets in the database.
fn kept(app: &TestApp) -> String {
    app.database.contents()["account_secrets"].clone()
}

/// The events about secrets in the audit trail, in order.
async fn events(app: &TestApp) -> Vec<String> {
    let of_secrets = |event: &String| event.starts_with("account_secret.");
    app.audit().await.into_iter().map(|record| record.event).filter(of_secrets).collect()
}
