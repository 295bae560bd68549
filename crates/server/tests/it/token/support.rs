//! What the tests of the token endpoint make and look at.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use tokenry_engine::manage::{NewApi, NewClient, NewSecret};
use tokenry_model::{ClientType, ResourceServer};
use tokenry_protocol::basic::Basic;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_testkit::{AUDIENCE, Answer, Database, DemoClient, Engine, TestApp};

/// A well-formed client secret that is nobody's.
pub(crate) fn strange_secret() -> String {
    strange(SecretKind::ClientSecret)
}

/// A well-formed secret of a kind that is nobody's.
pub(crate) fn strange(kind: SecretKind) -> String {
    issue(&Brand::default(), kind, &[0xA5; 32]).expose().to_owned()
}

/// The value of `Authorization` for an id and a secret.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", Basic::encode(id, &Secret::new(secret.to_owned())).expose())
}

/// The same client with another secret.
pub(crate) fn with_secret(client: &DemoClient, secret: &str) -> DemoClient {
    DemoClient { id: client.id.clone(), secret: secret.to_owned() }
}

/// An API to be registered, for no company in particular.
pub(crate) fn new_api(audience: &str, scopes: &[&str]) -> NewApi {
    NewApi {
        id: None,
        name: audience.to_owned(),
        audience: audience.to_owned(),
        scopes: scopes.iter().map(|scope| ((*scope).to_owned(), String::new())).collect(),
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: tokenry_model::TokenFormat::Jwt,
        tenanted: false,
    }
}

/// Registers an API.
pub(crate) async fn api(app: &TestApp, new: NewApi) -> ResourceServer {
    app.manager.create_api(new).await.unwrap()
}

/// Makes a client, and grants it APIs with all their scopes.
pub(crate) async fn client(app: &TestApp, new: NewClient, audiences: &[&str]) -> DemoClient {
    let created = app.manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    for audience in audiences {
        app.manager.create_grant(&id, audience, &[]).await.unwrap();
    }
    let secret = created.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
    DemoClient { id, secret }
}

/// Another of Acme's jobs, with all scopes of the Timesheets API.
pub(crate) async fn another_job(app: &TestApp) -> DemoClient {
    client(app, acme(app, "Another job"), &[AUDIENCE]).await
}

/// A job of Acme's to be made.
pub(crate) fn acme(app: &TestApp, name: &str) -> NewClient {
    NewClient { company: Some(app.demo.acme.clone()), ..NewClient::new(ClientType::M2m, name) }
}

/// Adds a secret to a client, and yields the client with it, and the secret's id.
pub(crate) async fn add_secret(app: &TestApp, client: &DemoClient, new: NewSecret) -> (DemoClient, String) {
    let (stored, secret) = app.manager.add_client_secret(&client.id, new).await.unwrap();
    (with_secret(client, secret.expose()), stored.id.to_string())
}

/// The id of the one grant that a client has.
pub(crate) async fn only_grant(app: &TestApp, client: &DemoClient) -> String {
    let grants = app.manager.grants(Some(&client.id)).await.unwrap();
    assert_eq!(grants.len(), 1);
    grants[0].id.to_string()
}

/// A public document.
pub(crate) async fn document(app: &TestApp, path: &str) -> Value {
    let answer = Answer::to(app.http.get(app.url(path))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The published keys.
pub(crate) async fn published(app: &TestApp) -> Vec<Value> {
    document(app, "/.well-known/jwks.json").await["keys"].as_array().unwrap().clone()
}

/// The claims of a token, once another implementation has verified it with the published keys.
pub(crate) async fn verified(app: &TestApp, token: &str, audience: &str) -> Value {
    verify(app, token, audience).await.unwrap_or_else(|error| panic!("{error}: {token}"))
}

/// What another implementation says of a token, given the published keys.
pub(crate) async fn verify(
    app: &TestApp,
    token: &str,
    audience: &str,
) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys: JwkSet = serde_json::from_value(document(app, "/.well-known/jwks.json").await).unwrap();
    let header = decode_header(token)?;
    let kid = header.kid.unwrap();
    let jwk = keys.find(&kid).unwrap_or_else(|| panic!("{kid} is not published"));
    let algorithm = jwk.common.key_algorithm.unwrap().to_string().parse()?;
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[&app.issuer]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    // The tests have a clock of their own.
    validation.validate_exp = false;
    Ok(decode::<Value>(token, &DecodingKey::from_jwk(jwk)?, &validation)?.claims)
}

/// From now on no audit record can be written.
pub(crate) fn break_audit(database: &Database, engine: Engine) {
    database.execute(match engine {
        Engine::Postgres => {
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN RAISE EXCEPTION 'broken by the test'; END $$; \
             CREATE TRIGGER broken BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION broken()"
        }
        Engine::Sqlite => {
            "CREATE TRIGGER broken BEFORE INSERT ON audit \
             BEGIN SELECT RAISE(ABORT, 'broken by the test'); END"
        }
    });
}

/// From now on they can be again.
pub(crate) fn mend_audit(database: &Database, engine: Engine) {
    database.execute(match engine {
        Engine::Postgres => "DROP TRIGGER broken ON audit",
        Engine::Sqlite => "DROP TRIGGER broken",
    });
}
