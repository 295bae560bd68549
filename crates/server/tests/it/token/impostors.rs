//! What is presented in place of a client's own credentials: other secrets, tokens, and secrets out of browsers.

use rstest::rstest;
use tokenry_protocol::secret::SecretKind;
use tokenry_testkit::{Answer, DemoClient, Engine, Refusal, Refusals, TestApp};

use super::support::{basic, strange, strange_secret, with_secret};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// RFC 9700 2.5: what is presented must be the client's own secret and nothing that resembles it.
#[rstest]
#[tokio::test]
async fn r59_only_the_very_secret_is_the_secret(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let app = TestApp::quick(engine).await;
    let cron = &app.demo.cron;
    let secret = &cron.secret;
    let digest = match engine {
        Engine::Postgres => app.database.execute(&format!(
            "SELECT encode(digest, 'hex') FROM client_secrets WHERE client_id = '{}'",
            cron.id
        )),
        Engine::Sqlite => (app.database.connection().unwrap())
            .query_one(
                "SELECT lower(hex(digest)) FROM client_secrets WHERE client_id = ?1",
                [&cron.id],
                |row| row.get(0),
            )
            .unwrap(),
    };
    assert_eq!(digest.len(), 64);
    let flipped = |at: usize| {
        let mut bytes = secret.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).unwrap()
    };
    let malformed = [
        secret[..secret.len() - 1].to_owned(),
        format!("{secret}0"),
        format!("{secret} "),
        secret.to_lowercase(),
        flipped(20),
        flipped(secret.len() - 1),
        app.demo.api.secret.clone(),
        strange(SecretKind::AccountSecret),
        strange(SecretKind::PersonalAccessToken),
        strange(SecretKind::RefreshToken),
        strange(SecretKind::ResourceServerSecret),
    ];
    let wrong = [
        strange_secret(),
        app.demo.globex_client.secret.clone(),
        digest.clone(),
        format!(" {secret}"),
        secret.to_uppercase(),
        secret.trim_start_matches("tokenry_").to_owned(),
        app.token(cron).await,
    ];
    let mut refusals = Refusals::of(&app).await;
    for (reason, guesses) in [("malformed_secret", &malformed[..]), ("wrong_secret", &wrong[..])] {
        for guess in guesses {
            let refusal = Refusal::of_claimed(cron, 401, "invalid_client", reason);
            refusals.expect(app.request(&with_secret(cron, guess), &[]), refusal).await;
        }
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_28_no_token_authenticates_a_client() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let token = app.token(&app.demo.cron).await;
    let parts: Vec<_> = token.split('.').collect();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
    let mut refusals = Refusals::of(&app).await;
    let values = [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("Bearer {none}"),
        format!("Bearer {}", "....".repeat(4_000)),
        format!("Secret {}", strange(SecretKind::AccountSecret)),
        format!("Secret {}", app.demo.cron.secret),
        format!("DPoP {token}"),
        format!("Digest username=\"{}\"", app.demo.cron.id),
        app.demo.cron.secret.clone(),
    ];
    for value in &values {
        for client_id in ["", &app.demo.cron.id] {
            let form = [GRANT, ("client_id", client_id)];
            let request = app.token_request().header("authorization", value).form(&form);
            let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
            refusals.expect(request, refusal).await;
        }
    }
    refusals.end().await;
}

/// An API proves who it is at `/guard/v1` and nowhere else.
#[tokio::test]
async fn tok_28_an_apis_secret_gets_no_token() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let refusal = || Refusal::of_stranger(401, "invalid_client", "malformed_secret");
    refusals.expect(app.request(&app.demo.api, &[]), refusal()).await;
    let header = basic(&app.demo.api.id, &app.demo.api.secret);
    refusals.expect(app.token_request().header("authorization", header).form(&[GRANT]), refusal()).await;
    refusals.end().await;
}

#[tokio::test]
async fn r20_http_08_a_secret_from_a_browser_is_refused_whoever_sends_it() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let nobody = DemoClient { id: "nobody".to_owned(), secret: strange_secret() };
    let mut refusals = Refusals::of(&app).await;
    for origin in ["https://app.example.com", "null", &app.issuer] {
        let refusal = Refusal::of_claimed(&app.demo.cron, 400, "invalid_request", "secret_from_browser");
        let request = app.request(&app.demo.cron, &[]).header("origin", origin);
        let known = refusals.expect(request, refusal).await;
        let refusal = Refusal::of_stranger(400, "invalid_request", "secret_from_browser");
        let unknown = refusals.expect(app.request(&nobody, &[]).header("origin", origin), refusal).await;
        assert_eq!(known.body, unknown.body);
    }
    refusals.end().await;
    let node = app.request(&app.demo.cron, &[]).header("sec-fetch-mode", "cors");
    assert_eq!(Answer::to(node).await.status, 200);
}
