//! By which key an assertion is signed, and with what (TOK-25); which keys a client may have (KEY-06).

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_engine::manage::{NewClient, NewClientKeys, OldTokens, UpdateClient};
use tokenry_jose::Algorithm::{EdDsa, Es256, Ps256, Rs256};
use tokenry_jose::{SigningKey, base64url};
use tokenry_model::{ClientAuthMethod, ClientType};
use tokenry_testkit::{Answer, Engine, Log, Refusal, Refusals, TestApp};

use super::support::{Signer, ask, jwks, new_key, sign, sign_with_header, signer, signing, taken};
use crate::token::support::{acme, client};

#[tokio::test]
async fn tok_25_an_assertion_signed_by_anyone_or_anything_else() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (signer, rsa) = (signer(&app, EdDsa).await, signer(&app, Rs256).await);
    let strange = new_key(EdDsa);
    let (kid, claims) = (signer.key.kid(), || signer.claims(&app));
    let header = |alg: &str| json!({"alg": alg, "kid": kid});
    let none = |alg: &str| {
        let part = |value: Value| base64url::encode(value.to_string().as_bytes());
        format!("{}.{}.", part(header(alg)), part(claims().into()))
    };
    let honest = signer.assertion(&app);
    let mut cut = honest.clone();
    cut.pop();
    let stranger = |reason| Refusal::of_stranger(401, "invalid_client", reason);
    let malformed = || stranger("malformed_assertion");
    let mut refusals = Refusals::of(&app).await;
    for (assertion, refusal) in [
        (none("none"), malformed()),
        (none("None"), malformed()),
        (none("HS256"), malformed()),
        (hmac_by_public_key(&signer, &app), malformed()),
        (cut, malformed()),
        ("".to_owned() + "a.b.c", malformed()),
        (".".repeat(8_000), malformed()),
        ("a".repeat(30_000), malformed()),
        (
            sign_with_header(&signer.key, &json!({"alg": "EdDSA", "crit": ["b64"], "b64": false}), &claims()),
            malformed(),
        ),
        (
            sign_with_header(&signer.key, &json!({"alg": "EdDSA", "jwk": {"kty": "OKP"}}), &claims()),
            malformed(),
        ),
        (
            sign_with_header(&signer.key, &json!({"alg": "EdDSA", "jku": "https://a.example/"}), &claims()),
            malformed(),
        ),
        (sign(&strange, "JWT", &claims()), signer.refusal("assertion_key_unknown")),
        (
            sign_with_header(&strange, &header("EdDSA"), &claims()),
            signer.refusal("assertion_signature_wrong"),
        ),
        (
            sign_with_header(&strange, &json!({"alg": "EdDSA"}), &claims()),
            signer.refusal("assertion_signature_wrong"),
        ),
        (
            sign_with_header(&signer.key, &header("ES256"), &claims()),
            signer.refusal("assertion_algorithm_wrong"),
        ),
        (
            sign_with_header(&rsa.key, &header("RS256"), &claims()),
            signer.refusal("assertion_algorithm_wrong"),
        ),
        (sign(&rsa.key, "JWT", &claims()), signer.refusal("assertion_key_unknown")),
        (
            sign_with_header(&rsa.key, &json!({"alg": "PS256", "kid": rsa.key.kid()}), &rsa.claims(&app)),
            rsa.refusal("assertion_algorithm_wrong"),
        ),
    ] {
        refusals.expect(ask(&app, &assertion, &[]), refusal).await;
    }
    refusals.end().await;
    assert_eq!(signer.issued(&app).await + rsa.issued(&app).await, 0);
    taken(&app, &honest).await;
    rsa.token(&app).await;
}

/// An HS256 JWS keyed with the text of the client's public key, by another implementation.
fn hmac_by_public_key(signer: &Signer, app: &TestApp) -> String {
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    let key = jsonwebtoken::EncodingKey::from_secret(signer.key.public_jwk().to_json().as_bytes());
    jsonwebtoken::encode(&header, &signer.claims(app), &key).unwrap()
}

/// Whether there is such a client, or it authenticates in another way, or the key is wrong: one answer.
#[tokio::test]
async fn tok_03_peer_20_every_failure_looks_alike() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let signer = signer(&app, EdDsa).await;
    let of = |id: &str| Signer {
        client: tokenry_testkit::DemoClient { id: id.to_owned(), secret: String::new() },
        key: new_key(EdDsa),
    };
    let mut refusals = Refusals::of(&app).await;
    let wrong = of(&signer.client.id);
    let answers = [
        refusals
            .expect(
                ask(&app, &of("nobody").assertion(&app), &[]),
                Refusal::of_stranger(401, "invalid_client", "unknown_client"),
            )
            .await,
        refusals
            .expect(
                ask(&app, &of("not a client id").assertion(&app), &[]),
                Refusal::of_stranger(401, "invalid_client", "unknown_client"),
            )
            .await,
        refusals.expect(ask(&app, &wrong.assertion(&app), &[]), wrong.refusal("assertion_key_unknown")).await,
        refusals
            .expect(
                ask(&app, &of(&app.demo.cron.id).assertion(&app), &[]),
                Refusal::of_claimed(&app.demo.cron, 401, "invalid_client", "wrong_authentication_method"),
            )
            .await,
        refusals
            .expect(
                ask(&app, &signer.saying(&app, "exp", json!(1)), &[]),
                signer.refusal("assertion_expired"),
            )
            .await,
    ];
    refusals.end().await;
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.headers.len(), answers[0].headers.len(), "{answer:?}");
    }
    signer.token(&app).await;
}

/// And they cost alike: one look for the client, one verification. Time itself is not asserted.
#[tokio::test]
async fn tok_03_peer_20_every_failure_costs_one_verification() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (signer, rsa) = (signer(&app, EdDsa).await, signer(&app, Rs256).await);
    let strange = new_key(EdDsa);
    let of = |id: &str| {
        let mut claims = signer.claims(&app);
        claims.extend([("iss".to_owned(), json!(id)), ("sub".to_owned(), json!(id))]);
        sign(&strange, "JWT", &claims)
    };
    let same_kid = json!({"alg": "EdDSA", "kid": signer.key.kid()});
    let (log, _guard) = Log::start();
    for assertion in [
        of("an-unknown-client"),
        of("not a client id"),
        of(&app.demo.cron.id),
        of(&signer.client.id),
        of(&rsa.client.id),
        sign_with_header(&strange, &same_kid, &signer.claims(&app)),
    ] {
        let before = log.text().matches("\"signature check\"").count();
        Answer::to(ask(&app, &assertion, &[])).await.must_be_error(401, "invalid_client");
        assert_eq!(log.text().matches("\"signature check\"").count(), before + 1, "{assertion}");
    }
}

#[tokio::test]
async fn of_several_keys_an_assertion_names_one() {
    let app = TestApp::quick(Engine::Sqlite).await;
    let (one, two) = (new_key(EdDsa), new_key(Es256));
    let keys = NewClientKeys::Inline(jwks(&[&one, &two]).into_bytes());
    let client = client(&app, signing(&app, keys), &[tokenry_testkit::AUDIENCE]).await;
    let signer = Signer { client, key: one };
    let second = |app: &TestApp| sign(&two, "JWT", &signer.claims(app));
    let mut refusals = Refusals::of(&app).await;
    let nameless = sign_with_header(&signer.key, &json!({"alg": "EdDSA"}), &signer.claims(&app));
    refusals.expect(ask(&app, &nameless, &[]), signer.refusal("assertion_key_unknown")).await;
    let crossed = json!({"alg": "EdDSA", "kid": two.kid()});
    let crossed = sign_with_header(&signer.key, &crossed, &signer.claims(&app));
    refusals.expect(ask(&app, &crossed, &[]), signer.refusal("assertion_algorithm_wrong")).await;
    refusals.end().await;
    signer.token(&app).await;
    taken(&app, &second(&app)).await;

    // What an operator changed holds for the next request.
    let update = async |keys: &[&SigningKey], tokens| {
        let keys = Some(NewClientKeys::Inline(jwks(keys).into_bytes()));
        let update = UpdateClient { keys, tokens, ..UpdateClient::default() };
        let (_client, announced) = app.manager.update_client(&signer.client.id, update).await.unwrap();
        !announced.is_empty()
    };
    let three = new_key(EdDsa);
    assert!(!update(&[&signer.key, &two, &three], None).await, "one more takes nothing away");
    assert!(!update(&[&signer.key, &two], Some(OldTokens::Keep)).await, "a planned rotation");
    assert!(update(&[&two], None).await, "a key that is taken away may have leaked, and so what it got ends");
    Answer::to(signer.request(&app)).await.must_be_error(401, "invalid_client");
    taken(&app, &second(&app)).await;
}

#[rstest]
#[tokio::test]
async fn key_06_a_client_has_keys_if_and_only_if_it_signs(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let app = TestApp::quick(engine).await;
    let before = app.database.dump();
    let (key, rsa) = (new_key(EdDsa), new_key(Ps256));
    let inline = |text: String| Some(NewClientKeys::Inline(text.into_bytes()));
    let uri = |uri: &str| Some(NewClientKeys::Uri(uri.to_owned()));
    let method = Some(ClientAuthMethod::PrivateKeyJwt);
    let private = jwks(&[&key]).replace("\"kid\"", "\"d\":\"AA\",\"kid\"");
    for (auth_method, keys) in [
        (method, None),
        (None, inline(jwks(&[&key]))),
        (Some(ClientAuthMethod::ClientSecretPost), uri("https://a.example/jwks.json")),
        (method, inline(private)),
        (method, inline(jwks(&[&key, &rsa, &key]))),
        (method, inline(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.to_owned())),
        (method, inline(r#"{"keys":[]}"#.to_owned())),
        (method, uri("http://a.example/jwks.json")),
        (method, uri("https://u:p@a.example/jwks.json")),
    ] {
        let new = NewClient { auth_method, keys: keys.clone(), ..acme(&app, "Bad keys") };
        assert!(app.manager.create_client(new).await.is_err(), "{auth_method:?} {keys:?}");
    }
    for kind in [ClientType::Spa, ClientType::Native] {
        let keys = inline(jwks(&[&key]));
        let new = NewClient { auth_method: method, keys, ..NewClient::new(kind, "Public") };
        assert!(app.manager.create_client(new).await.is_err(), "{kind}");
    }
    let update = || UpdateClient { keys: inline(jwks(&[&key])), ..UpdateClient::default() };
    assert!(app.manager.update_client(&app.demo.cron.id, update()).await.is_err(), "pinned to its family");
    assert_eq!(before, app.database.dump());

    let signer = signer(&app, EdDsa).await;
    assert!(app.manager.add_client_secret(&signer.client.id, Default::default()).await.is_err());
    let stored = app.database.contents()["clients"].clone();
    assert!(stored.contains(signer.key.kid()), "{stored}");
    let created = app.audit().await.into_iter().rfind(|record| record.event == "client.created").unwrap();
    assert!(created.detail.contains(signer.key.kid()), "{created:?}");
}
