//! What the OpenID Foundation's plan "RP-initiated logout" tries, module by module, in a browser that is signed in.

use reqwest::Url;
use rstest::rstest;
use tokenry_jose::{SigningKey, base64url};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, CALLBACK, Page, claims_of, header_of};

use super::{AFTER, World};

const STATE: &str = "af0ifjsldkj";

/// What is asked of the endpoint.
struct Asking<'a> {
    world: &'a World,
    browser: Browser,
    parameters: Vec<(&'static str, String)>,
}

impl<'a> Asking<'a> {
    /// With everything that belongs to it.
    fn everything(world: &'a World) -> Self {
        let mut browser = Browser::at(&world.app.issuer);
        let (name, value) = world.cookie.split_once('=').unwrap();
        browser.put_cookie(name, Some(value));
        let parameters = vec![
            ("id_token_hint", world.id_token.clone()),
            ("post_logout_redirect_uri", AFTER.to_owned()),
            ("state", STATE.to_owned()),
        ];
        Self { world, browser, parameters }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.parameters.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self
    }

    /// Where that leads within our pages.
    async fn send(&mut self) -> Page {
        let address = Url::parse_with_params(&self.world.app.url("/oidc/logout"), &self.parameters);
        self.browser.open(address.unwrap().as_str()).await
    }

    /// Says yes to the question that it must lead to, and yields what comes then.
    async fn confirm(&mut self) -> Page {
        let asked = self.send().await;
        assert_eq!(asked.answer.status, 200, "{asked:?}");
        assert_eq!(asked.texts("h1"), ["Sign out?"]);
        assert!(self.world.is_signed_in().await, "nobody is signed out unasked (OUT-05)");
        let done = self.browser.submit(&asked.form("/logout")).await;
        self.must_be_signed_out().await;
        done
    }

    /// The module's last step: whoever asks without showing a page is told that nobody is signed in (OUT-07).
    async fn must_be_signed_out(&mut self) {
        assert!(!self.world.is_signed_in().await);
        let parameters = [
            ("client_id", self.world.web.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("prompt", "none"),
        ];
        let address = Url::parse_with_params(&self.world.app.url("/authorize"), parameters).unwrap();
        let told = self.browser.open(address.as_str()).await.redirect().unwrap();
        assert!(
            told.as_str().starts_with(CALLBACK) && told.as_str().contains("error=login_required"),
            "{told}"
        );
    }
}

/// It stays here, says so, and repeats nothing of what was asked.
#[track_caller]
fn must_stay(page: &Page) {
    assert_eq!((page.answer.status.as_u16(), page.url.path()), (200, "/logout"));
    assert_eq!(page.texts("h1"), ["You are signed out"]);
    assert!(!page.answer.body.contains(STATE) && !page.answer.body.contains(AFTER), "OUT-09");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let address = world.app.url("/.well-known/openid-configuration");
    let said = Answer::to(world.app.http.get(address)).await.json();
    assert_eq!(said["end_session_endpoint"], world.app.url("/oidc/logout"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let mut asking = Asking::everything(&world);
    let done = asking.send().await.redirect().unwrap();
    assert_eq!(done.as_str(), format!("{AFTER}&state={STATE}"));
    asking.must_be_signed_out().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let bad = "http://127.0.0.1:8702/elsewhere";
    let page = Asking::everything(&world).with("post_logout_redirect_uri", bad).send().await;
    assert_eq!((page.answer.status.as_u16(), page.redirect()), (400, None), "{page:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let added = format!("{AFTER}&foo=bar");
    let page = Asking::everything(&world).with("post_logout_redirect_uri", &added).send().await;
    assert_eq!((page.answer.status.as_u16(), page.redirect()), (400, None), "{page:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_modified_id_token_hint(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let parts: Vec<_> = world.id_token.split('.').collect();
    let claims = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
    let changed = base64url::encode(claims.replacen('{', "{\"modified\":true,", 1).as_bytes());
    let hint = format!("{}.{changed}.{}", parts[0], parts[2]);
    must_stay(&Asking::everything(&world).with("id_token_hint", &hint).confirm().await);
}

/// Each says of this very session what the good one says, and is bad in one way. Also where the application says beside it who it
/// is: a hint that is not ours spoils the rest.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_id_token_hint(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    for (way, hint) in bad_hints(&world).await {
        for named in [false, true] {
            let mut asking = Asking::everything(&world).with("id_token_hint", &hint);
            if named {
                asking = asking.with("client_id", &world.web.id);
            }
            let asked = asking.send().await;
            assert_eq!(
                (asked.answer.status.as_u16(), asked.texts("h1")),
                (200, vec!["Sign out?".to_owned()]),
                "{way}"
            );
            assert!(asked.texts("strong").is_empty(), "{way}: nobody is believed to ask");
            assert!(!asked.answer.body.contains(AFTER) && !asked.answer.body.contains(STATE), "{way}");
            assert!(world.is_signed_in().await, "{way}");
        }
    }
    let (_way, hint) = bad_hints(&world).await.remove(0);
    must_stay(&Asking::everything(&world).with("id_token_hint", &hint).confirm().await);

    let world = World::on(engine).await;
    let done = Asking::everything(&world).send().await.redirect().unwrap();
    assert_eq!(done.as_str(), format!("{AFTER}&state={STATE}"), "the good one is");
}

async fn bad_hints(world: &World) -> Vec<(&'static str, String)> {
    let [header, claims, signature] = world.id_token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let said = base64url::decode(claims).unwrap();
    let (foreign, _pkcs8) = SigningKey::generate(tokenry_jose::Algorithm::Rs256).unwrap();
    let signed = |header: &str| foreign.sign_compact(&base64url::encode(header.as_bytes()), &said).unwrap();
    let ours = header_of(&world.id_token).to_string();
    let with = |member: &str, value: serde_json::Value| {
        let mut header = header_of(&world.id_token);
        header[member] = value;
        header.to_string()
    };
    let own_key: serde_json::Value = serde_json::from_str(&foreign.public_jwk().to_json()).unwrap();
    let unsigned = base64url::encode(with("alg", "none".into()).as_bytes());
    let code = world.app.code(&world.ann, &world.web, super::SCOPE).await;
    let access = world.app.redeem(&world.web, &code, &[]).await.token();
    assert_eq!(claims_of(&access)["sid"], claims_of(&world.id_token)["sid"], "the same session");
    vec![
        ("a foreign key by our name", signed(&ours)),
        ("a foreign key by its own name", foreign.sign_compact(&foreign.header("JWT"), &said).unwrap()),
        ("a foreign key in the header", signed(&with("jwk", own_key))),
        ("no signature, and says so", format!("{unsigned}.{claims}.")),
        ("no signature", format!("{header}.{claims}.")),
        (
            "another algorithm's name",
            format!("{}.{claims}.{signature}", base64url::encode(with("alg", "PS256".into()).as_bytes())),
        ),
        ("half a signature", format!("{header}.{claims}.{}", &signature[..signature.len() / 2])),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{}.x", world.id_token)),
        ("an access token of the session", access),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_id_token_hint(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    must_stay(&Asking::everything(&world).without("id_token_hint").confirm().await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_params(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let asking = Asking { parameters: Vec::new(), ..Asking::everything(&world) };
    must_stay(&{ asking }.confirm().await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let mut asking = Asking::everything(&world).without("post_logout_redirect_uri");
    must_stay(&asking.send().await);
    asking.must_be_signed_out().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_state(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let mut asking = Asking::everything(&world).without("state");
    assert_eq!(asking.send().await.redirect().unwrap().as_str(), AFTER);
    asking.must_be_signed_out().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_only_state(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let asking = Asking::everything(&world).without("id_token_hint").without("post_logout_redirect_uri");
    must_stay(&{ asking }.confirm().await);
}
