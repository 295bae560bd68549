//! Who a client says it is, and how it fails to prove it (TOK-01 to 09, 14, 20, 28).

use rstest::rstest;
use tokenry_engine::manage::{NewClient, NewSecret};
use tokenry_model::ClientType;
use tokenry_protocol::secret::Secret;
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Engine, Refusal, Refusals, TestApp};

use super::support::{acme, add_secret, another_job, basic, client, strange_secret, with_secret};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn tok_01_who_does_not_authenticate_is_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let nobody = Refusal::of_stranger(401, "invalid_client", "unknown_client");
    let answer = refusals.expect(app.token_request().form(&[GRANT]), nobody).await;
    assert_eq!(answer.header("www-authenticate"), "", "no header was used");
    let wrong = basic(&app.demo.cron.id, &strange_secret());
    let refusal = Refusal::of_claimed(&app.demo.cron, 401, "invalid_client", "wrong_secret");
    let request = app.token_request().header("authorization", wrong).form(&[GRANT]);
    let answer = refusals.expect(request, refusal).await;
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"127.0.0.1\"");
    refusals.end().await;
}

/// The wrong secret in the header and in the body, of a known client and of none.
#[rstest]
#[tokio::test]
async fn tok_02_tok_03_r10_a_wrong_secret_gets_no_token(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let mut refusals = Refusals::of(&app).await;
    let wrong = strange_secret();
    let of_cron = Refusal::of_claimed(&app.demo.cron, 401, "invalid_client", "wrong_secret");
    let of_nobody = Refusal::of_stranger(401, "invalid_client", "unknown_client");
    for (id, refusal) in [(&*app.demo.cron.id, of_cron), ("nobody", of_nobody)] {
        let guess = DemoClient { id: id.to_owned(), secret: wrong.clone() };
        refusals.hide(&guess);
        let header = app.token_request().header("authorization", basic(id, &wrong)).form(&[GRANT]);
        refusals.expect(header, refusal.clone()).await;
        let body = refusals.expect(app.request(&guess, &[]), refusal).await;
        assert_eq!(body.header("www-authenticate"), "", "no header was used");
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_04_tok_05_r38_one_client_authenticates_in_one_way() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let (cron, other) = (&app.demo.cron, &app.demo.globex_client);
    let invalid = || Refusal::of_stranger(400, "invalid_request", "invalid_request");
    let header = basic(&cron.id, &cron.secret);
    let with = |form: &[(&str, &str)]| app.token_request().header("authorization", &header).form(form);
    refusals.expect(with(&[GRANT, ("client_secret", &cron.secret)]), invalid()).await;
    refusals.expect(app.request(cron, &[]).header("authorization", &header), invalid()).await;
    refusals.expect(with(&[GRANT, ("client_id", &other.id)]), invalid()).await;
    refusals.expect(app.request(other, &[]).header("authorization", &header), invalid()).await;
    let secret_only = [GRANT, ("client_secret", cron.secret.as_str())];
    refusals.expect(app.token_request().form(&secret_only), invalid()).await;
    refusals.end().await;
    let same = with(&[GRANT, ("client_id", &cron.id)]);
    assert_eq!(Answer::to(same).await.status, 200, "the same client twice is one client");
}

#[tokio::test]
async fn tok_06_tok_07_r45_a_public_client_has_no_secret_and_gets_no_token_of_its_own() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let spa = client(&app, NewClient::new(ClientType::Spa, "Spa"), &[AUDIENCE]).await;
    let native = client(&app, NewClient::new(ClientType::Native, "Native"), &[]).await;
    let mut refusals = Refusals::of(&app).await;
    for public in [&spa, &native] {
        for secret in [strange_secret(), app.demo.cron.secret.clone(), "x".to_owned(), "x".repeat(40)] {
            let refusal = Refusal::of_claimed(public, 401, "invalid_client", "wrong_secret");
            refusals.expect(app.request(&with_secret(public, &secret), &[]), refusal).await;
        }
        let named = app.token_request().form(&[GRANT, ("client_id", &public.id)]);
        let refusal = Refusal::of_claimed(public, 400, "unauthorized_client", "public_client");
        refusals.expect(named, refusal).await;
    }
    let cron = &app.demo.cron;
    let downgraded = app.token_request().form(&[GRANT, ("client_id", &cron.id)]);
    let refusal = Refusal::of_claimed(cron, 401, "invalid_client", "no_authentication");
    refusals.expect(downgraded, refusal).await;
    refusals.end().await;
}

#[tokio::test]
async fn tok_15_r33_only_m2m_clients_get_tokens_of_their_own() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut web = Vec::new();
    for kind in [ClientType::Web, ClientType::ThirdParty] {
        web.push(client(&app, NewClient::new(kind, "Web"), &[AUDIENCE]).await);
    }
    let mut refusals = Refusals::of(&app).await;
    for web in &web {
        refusals.hide(web);
        let refusal = Refusal::of_client(web, 400, "unauthorized_client", "grant_not_allowed");
        refusals.expect(app.request(web, &[]), refusal).await;
    }
    refusals.end().await;
    let uris = ["https://app.example.com/callback".to_owned()];
    let new = || acme(&app, "With a login");
    for new in [
        NewClient { redirect_uris: uris.to_vec(), ..new() },
        NewClient { post_logout_redirect_uris: uris.to_vec(), ..new() },
        NewClient { backchannel_logout_uri: Some(uris[0].clone()), ..new() },
    ] {
        assert!(app.manager.create_client(new).await.is_err(), "an m2m client signs nobody in");
    }
}

#[tokio::test]
async fn tok_08_an_assertion_is_not_ignored_in_favour_of_a_secret() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let assertion = ("client_assertion", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjcm9uIn0.");
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for more in [&[assertion, kind][..], &[assertion], &[kind]] {
        let refusal = || Refusal::of_stranger(401, "invalid_client", "invalid_client");
        refusals.expect(app.request(&app.demo.cron, more), refusal()).await;
        let header = basic(&app.demo.cron.id, &app.demo.cron.secret);
        let form: Vec<_> = [GRANT].iter().chain(more).copied().collect();
        refusals.expect(app.token_request().header("authorization", header).form(&form), refusal()).await;
    }
    refusals.end().await;
}

#[rstest]
#[case::long("a:b%2Bc+d é\u{1f600} &=%;and long enough to be random")]
#[case::short("a:b%2Bc+d é&=%")]
#[tokio::test]
async fn tok_09_an_imported_secret_of_any_text_works_when_encoded_as_it_should_be(#[case] text: &str) {
    let app = TestApp::quick(Engine::Sqlite).await;
    let imported = NewSecret { imported: Some(Secret::new(text.to_owned())), ..NewSecret::default() };
    let (job, _) = add_secret(&app, &app.demo.cron, imported).await;
    app.token(&job).await;
    let header = |value: &str| app.token_request().header("authorization", value).form(&[GRANT]);
    assert_eq!(Answer::to(header(&basic(&job.id, text))).await.status, 200);
    let json =
        serde_json::json!({ "grant_type": "client_credentials", "client_id": job.id, "client_secret": text });
    assert_eq!(Answer::to(app.token_request().json(&json)).await.status, 200);

    let mut refusals = Refusals::of(&app).await;
    refusals.hide(&job);
    let raw = base64(&format!("{}:{text}", job.id));
    let malformed = Refusal::of_stranger(401, "invalid_client", "invalid_client");
    let answer = refusals.expect(header(&format!("Basic {raw}")), malformed).await;
    assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{answer:?}");
    let wrong = Refusal::of_claimed(&job, 401, "invalid_client", "wrong_secret");
    let other_case = text.to_uppercase();
    refusals.expect(app.request(&with_secret(&job, &other_case), &[]), wrong).await;
    refusals.end().await;
}

#[tokio::test]
async fn tok_09_malformed_basic_credentials_are_refused() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let mut refusals = Refusals::of(&app).await;
    let DemoClient { id, secret } = &app.demo.cron;
    let good = base64(&format!("{id}:{secret}"));
    let values = [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic  {good}"),
        format!("Basic\t{good}"),
        format!("Basic {good}="),
        format!("Basic {good} x"),
        format!("Basic {good},Basic {good}"),
        format!("Basic {}", base64(&format!("{id}{secret}"))),
        format!("Basic {}", base64(&format!("{id}:"))),
        format!("Basic {}", base64(&format!(":{secret}"))),
        format!("Basic {}", base64(&format!("{id}:{secret}:"))),
        format!("Basic {}", base64(&format!("{id}:{secret}%"))),
        format!("Basic {}", base64(&format!("{id}:{secret}\n"))),
        format!("Basic {}", base64(&format!("{id}:{secret}\0"))),
        format!("Basic {id}:{secret}"),
        good,
    ];
    for value in &values {
        let request = app.token_request().header("authorization", value).form(&[GRANT]);
        let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
        let answer = refusals.expect(request, refusal).await;
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{value}: {answer:?}");
    }
    refusals.end().await;
}

#[tokio::test]
async fn tok_14_an_empty_parameter_is_an_absent_one() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let cron = &app.demo.cron;
    let empty = ["scope", "audience", "resource", "company_id", "client_assertion", "code", "x"];
    let more: Vec<_> = empty.iter().map(|name| (*name, "")).collect();
    assert_eq!(app.ask(cron, &more).await.status, 200);
    let mut refusals = Refusals::of(&app).await;
    let refusal = Refusal::of_claimed(cron, 401, "invalid_client", "no_authentication");
    refusals.expect(app.request(&with_secret(cron, ""), &[]), refusal).await;
    let form = [("grant_type", ""), ("client_id", &cron.id), ("client_secret", &cron.secret)];
    let refusal = Refusal::of_stranger(400, "invalid_request", "invalid_request");
    refusals.expect(app.token_request().form(&form), refusal).await;
    refusals.end().await;
}

#[rstest]
#[tokio::test]
async fn tok_20_ten_05_who_is_disabled_gets_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let (cron, globex) = (&app.demo.cron, &app.demo.globex_client);
    app.token(globex).await;
    let disable = |table: &str, id: &str, at: &str| {
        app.database.execute(&format!(
            "UPDATE {table} SET disabled_at = {at}, version = version + 1 WHERE id = '{id}'"
        ));
    };
    disable("clients", &cron.id, "1");
    disable("companies", &app.demo.globex, "1");
    let mut refusals = Refusals::of(&app).await;
    let refusal = Refusal::of_claimed(cron, 401, "invalid_client", "client_disabled");
    let known = refusals.expect(app.request(cron, &[]), refusal).await;
    let refusal = Refusal::of_claimed(globex, 401, "invalid_client", "company_disabled");
    refusals.expect(app.request(globex, &[]), refusal).await;
    let refusal = Refusal::of_stranger(401, "invalid_client", "unknown_client");
    let unknown = DemoClient { id: "nobody".to_owned(), secret: strange_secret() };
    let unknown = refusals.expect(app.request(&unknown, &[]), refusal).await;
    assert_eq!(known.body, unknown.body, "nothing tells why");
    refusals.end().await;
    disable("clients", &cron.id, "NULL");
    disable("companies", &app.demo.globex, "NULL");
    app.token(cron).await;
    app.token(globex).await;
}

/// 300 bytes are above what any client id has, 129 above what ids may have; none of them reaches a look-up.
#[tokio::test]
async fn db_14_a_client_id_is_taken_literally() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let id = &app.demo.cron.id;
    let ids = [
        "' OR 1=1--".to_owned(),
        format!("{id}' --"),
        format!("{id}%"),
        "_".repeat(32),
        "%".to_owned(),
        "*".to_owned(),
        format!("{id} "),
        format!(" {id}"),
        id.to_uppercase(),
        "x".repeat(129),
        "usr_0123456789012345678901".to_owned(),
        "../clients".to_owned(),
        "x".repeat(256),
    ];
    let mut refusals = Refusals::of(&app).await;
    for id in ids {
        let guess = DemoClient { id, secret: app.demo.cron.secret.clone() };
        let refusal = Refusal::of_stranger(401, "invalid_client", "unknown_client");
        refusals.expect(app.request(&guess, &[]), refusal).await;
    }
    for id in ["é".to_owned(), "a\nb".to_owned(), "x".repeat(257)] {
        let guess = DemoClient { id, secret: app.demo.cron.secret.clone() };
        let refusal = Refusal::of_stranger(401, "invalid_client", "invalid_client");
        refusals.expect(app.request(&guess, &[]), refusal).await;
    }
    refusals.end().await;
}

#[tokio::test]
async fn r06_r07_each_client_has_an_id_and_a_secret_of_its_own() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (one, two) = (another_job(&app).await, another_job(&app).await);
    for job in [&one, &two] {
        assert_eq!(job.id.len(), 32);
        assert!(job.id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", job.id);
        let random = job.secret.strip_prefix("tokenry_cs_").unwrap();
        assert_eq!(random.len(), 43 + 6);
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", job.secret);
    }
    assert_ne!(one.id, two.id);
    assert_ne!(one.secret[..54], two.secret[..54]);
    app.manager.delete_client(&one.id).await.unwrap();
    app.token(&two).await;
}

fn base64(text: &str) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}
