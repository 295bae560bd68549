//! Account secrets, under a scheme of their own (group SEC of the negative cases).

use axum::http::{HeaderValue, Method, StatusCode};
use rstest::rstest;
use tokenry_guard::testing::TestCredential;
use tokenry_protocol::secret::{Brand, SecretKind, issue};

use crate::pat::ann;
use crate::support::{Answer, Api, from, with};

async fn api() -> (Api, TestCredential) {
    let api = Api::new().await;
    let secret = api.issuer.account_secret(&ann(&api));
    (api, secret)
}

async fn import(api: &Api, authorization: &str) -> Answer {
    api.send(from(with(Method::POST, "/import", &[("authorization", authorization)]), "192.0.2.7")).await
}

async fn assert_good(api: &Api, secret: &TestCredential) {
    let answer = import(api, &format!("Secret {}", secret.text())).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "secret ann"));
}

fn challenges(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect()
}

const BEARER: &str = "Bearer realm=\"https://timesheets.example.com\"";
const SECRET: &str = "Secret realm=\"https://timesheets.example.com\"";

#[tokio::test]
async fn r100_a_secret_opens_the_route_that_says_so() {
    let (api, secret) = api().await;
    assert_good(&api, &secret).await;
    let answer = import(&api, &format!("sECRET {}", secret.text())).await;
    assert_eq!(answer.status, 200, "the word has no case");
    let jwt = import(&api, &format!("Bearer {}", ann(&api).mint())).await;
    assert_eq!(jwt.body, "jwt ann", "beside the rest");
}

#[tokio::test]
async fn r96_sec_03_a_secret_opens_no_other_route() {
    let (api, secret) = api().await;
    let value = format!("Secret {}", secret.text());
    for row in api.guard.policy_table().rows() {
        let path = row.path().replace("{company_id}", "acme").replace("{id}", "acme-1");
        let method: Method = row.method().parse().unwrap();
        let answer = api.send(with(method.clone(), &path, &[("authorization", &value)])).await;
        match path.as_str() {
            "/healthz" | "/import" => assert_eq!(answer.status, 200),
            _ => {
                assert_eq!(answer.refusal(), (401, "scheme_not_accepted".to_owned()), "{method} {path}");
                assert_eq!(challenges(&answer), [BEARER]);
            }
        }
    }
    let headers = axum::http::HeaderMap::from_iter([secret.header()].map(|(name, value)| (name, value)));
    let denied =
        api.guard.authenticate(&headers, tokenry_guard::Clock::now(api.issuer.clock())).await.unwrap_err();
    assert_eq!(denied.code(), "scheme_not_accepted", "without a route nobody says that it is taken");
}

#[tokio::test]
async fn sec_02_the_route_says_how_one_may_authenticate() {
    let (api, _) = api().await;
    let nothing = api.send(with(Method::POST, "/import", &[])).await;
    assert_eq!(
        (nothing.refusal().1.as_str(), challenges(&nothing)),
        ("missing_credentials", vec![BEARER, SECRET])
    );
    let basic = import(&api, "Basic YTpi").await;
    assert_eq!(
        (basic.refusal().1.as_str(), challenges(&basic)),
        ("scheme_not_accepted", vec![BEARER, SECRET])
    );
    let unknown = import(&api, &format!("Secret {}", made_up(SecretKind::AccountSecret, 0))).await;
    let malformed = import(&api, "Secret tokenry_as_x").await;
    assert_eq!(challenges(&unknown)[1], SECRET);
    assert_eq!(challenges(&unknown), challenges(&malformed), "nothing tells what is wrong");
    assert_eq!(unknown.refusal(), malformed.refusal());
    let forbidden = import(
        &api,
        &format!(
            "Secret {}",
            api.issuer.account_secret(&api.issuer.token().user("bob").company("acme")).text()
        ),
    )
    .await;
    assert_eq!(forbidden.refusal(), (403, "insufficient_scope".to_owned()));
    assert!(challenges(&forbidden).iter().all(|challenge| challenge.starts_with("Bearer")));
}

fn made_up(kind: SecretKind, number: u8) -> String {
    issue(&Brand::default(), kind, &[number; 32]).expose().to_owned()
}

#[tokio::test]
async fn sec_01_sec_08_what_is_not_the_whole_secret_is_none() {
    let (api, secret) = api().await;
    let text = secret.text();
    for value in [
        text.to_owned(),
        format!("Bearer {text}"),
        format!("Token {text}"),
        format!("Secret  {text}"),
        format!("Secret\t{text}"),
        format!(" Secret\u{a0}{text}"),
        format!("Secret{text}"),
        format!("Secret {text} "),
        format!("Secret {}", &text[..text.len() - 1]),
        format!("Secret {text}0"),
        format!("Secret {}", text.to_uppercase()),
        format!("Secret {}", text.to_lowercase()),
        format!("Secret {}", text.replacen("_as_", "_pat_", 1)),
        format!("Secret {}", text.replacen("tokenry", "acme", 1)),
        format!("Secret {text}, Bearer {text}"),
        format!("Secret \"{text}\""),
        format!("Secret {}", "a".repeat(8_192)),
        format!("Secret {}", made_up(SecretKind::AccountSecret, 1)),
        format!("Secret {}", made_up(SecretKind::PersonalAccessToken, 1)),
        format!("Secret {}", api.issuer.pat(&ann(&api)).text()),
        format!("Secret {}", api.issuer.cookie(&ann(&api)).text()),
        format!("Secret {}", ann(&api).mint()),
    ] {
        let answer = import(&api, &value).await;
        assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{value}");
        assert!(!answer.body.contains(text) && !format!("{:?}", answer.headers).contains(text));
        assert_good(&api, &secret).await;
    }
}

#[rstest]
#[case::origin("origin", "https://app.example.com")]
#[case::own_origin("origin", "https://timesheets.example.com")]
#[case::null("origin", "null")]
#[case::same_origin("sec-fetch-site", "same-origin")]
#[case::typed_in("sec-fetch-site", "none")]
#[tokio::test]
async fn r105_no_browser_may_send_one(#[case] name: &str, #[case] value: &str) {
    let (api, secret) = api().await;
    let sent = format!("Secret {}", secret.text());
    let answer = api.send(with(Method::POST, "/import", &[("authorization", &sent), (name, value)])).await;
    assert_eq!(answer.refusal(), (401, "scheme_not_accepted".to_owned()));
    assert_eq!(challenges(&answer), [BEARER], "no browser is asked for a secret");
    assert_good(&api, &secret).await;
}

#[tokio::test]
async fn sec_04_two_at_once_are_none() {
    let (api, secret) = api().await;
    let value = format!("Secret {}", secret.text());
    let cookie = format!("__Host-tokenry_api={}", api.issuer.cookie(&ann(&api)).text());
    for second in [("authorization", value.as_str()), ("authorization", "Bearer x"), ("cookie", &cookie)] {
        let both = [("authorization", value.as_str()), second];
        let answer = api.send(with(Method::POST, "/import", &both)).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{second:?}");
    }
    assert_good(&api, &secret).await;
}

#[tokio::test]
async fn sec_05_a_secret_elsewhere_is_not_looked_at() {
    let (api, secret) = api().await;
    let (text, cookie) = (secret.text(), format!("secret={}", secret.text()));
    for (path, field) in [
        (format!("/import?secret={text}"), ("x-none", "")),
        (format!("/import?access_token={text}"), ("x-none", "")),
        ("/import".to_owned(), ("cookie", cookie.as_str())),
        ("/import".to_owned(), ("x-api-key", text)),
    ] {
        let answer = api.send(with(Method::POST, &path, &[field])).await;
        assert_eq!(answer.refusal(), (401, "missing_credentials".to_owned()), "{path} {field:?}");
    }
}

#[tokio::test]
async fn sec_10_who_guesses_is_not_heard_for_a_minute_and_others_are() {
    let (api, secret) = api().await;
    for n in 0..300_u32 {
        let guess =
            issue(&Brand::default(), SecretKind::AccountSecret, &tokenry_jose::sha256(&n.to_be_bytes()));
        assert_eq!(import(&api, &format!("Secret {}", guess.expose())).await.refusal().0, 401);
        assert_eq!(import(&api, &format!("Secret tokenry_as_{n}")).await.refusal().0, 401);
    }
    let good = format!("Secret {}", secret.text());
    let limited = import(&api, &good).await;
    assert_eq!(limited.refusal(), (429, "rate_limited".to_owned()));
    assert_eq!((limited.header("retry-after"), limited.header("www-authenticate")), (Some("60"), None));
    let elsewhere = from(with(Method::POST, "/import", &[("authorization", &good)]), "192.0.2.8");
    assert_eq!(api.send(elsewhere).await.status, 200);
    let jwt = import(&api, &format!("Bearer {}", ann(&api).mint())).await;
    assert_eq!(jwt.status, 200, "only secrets are limited");
    api.issuer.clock().advance(std::time::Duration::from_secs(60));
    assert_good(&api, &secret).await;
}

#[tokio::test]
async fn sec_10_good_ones_and_refusals_of_another_kind_do_not_count() {
    let (api, secret) = api().await;
    let bob = api.issuer.account_secret(&api.issuer.token().user("bob").company("acme"));
    for _ in 0..700 {
        assert_eq!(import(&api, &format!("Secret {}", bob.text())).await.status, StatusCode::FORBIDDEN);
    }
    assert_good(&api, &secret).await;
}

#[tokio::test]
async fn sec_12_nothing_of_it_is_logged() {
    let (log, _guard) = crate::log::record(tracing::Level::TRACE);
    let (api, secret) = api().await;
    assert_good(&api, &secret).await;
    let refused = made_up(SecretKind::AccountSecret, 9);
    let _ = import(&api, &format!("Secret {refused}")).await;
    let _ = import(&api, &format!("Secret {refused}x")).await;
    let cookie = api.issuer.cookie(&ann(&api));
    let (name, value) = cookie.header();
    let mut request = with(Method::POST, "/import", &[("x-csrf-token", &cookie.csrf_token())]);
    request.headers_mut().insert(name, value);
    request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    assert_eq!(api.send(request).await.body, "cookie ann");
    let text = log.text();
    for secret in [secret.text(), &refused, cookie.text(), &cookie.csrf_token()] {
        assert!(!text.contains(&secret[..30]), "{secret}");
    }
    let credentials: Vec<_> = log.decisions().iter().map(|it| it["fields"]["credential"].clone()).collect();
    assert!(
        credentials.contains(&"secret".into()) && credentials.contains(&"cookie".into()),
        "{credentials:?}"
    );
}
