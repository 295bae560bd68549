//! Introspection and revocation of what users let clients have: who sees it, and what ends with what.

use rstest::rstest;
use serde_json::{Value, json};
use tokenry_clock::Clock as _;
use tokenry_model::{ClientType, TokenFormat};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Answer, DemoClient, Member, NAMESPACE, TestApp, claims_of};

const SCOPE: &str = "openid offline_access read:timesheets";

/// Ann, and an application that she lets act for her.
struct World {
    app: TestApp,
    ann: Member,
    web: DemoClient,
}

/// What came of one authorization.
struct Tokens {
    access: String,
    refresh: String,
}

impl World {
    async fn on(engine: Engine) -> Self {
        let app = TestApp::quick(engine).await;
        let ann = app.member("ann").await;
        let web = app.application(ClientType::Web, "Web", &[]).await;
        Self { app, ann, web }
    }

    async fn tokens(&self, client: &DemoClient) -> Tokens {
        read(&self.app.redeem(client, &self.app.code(&self.ann, client, SCOPE).await, &[]).await)
    }

    async fn introspect(&self, caller: &DemoClient, token: &str) -> Value {
        let request = self.app.http.post(self.app.url("/oauth/introspect"));
        let request = request.basic_auth(&caller.id, Some(&caller.secret)).form(&[("token", token)]);
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn lives(&self, token: &str) -> bool {
        self.introspect(&self.web, token).await["active"].as_bool().unwrap()
    }

    async fn revoke(&self, client: &DemoClient, token: &str, hint: &str) {
        let form = [("client_id", &*client.id), ("token", token), ("token_type_hint", hint)];
        let secret = [("client_secret", &*client.secret)];
        let form: Vec<_> = form.iter().chain(secret.iter().filter(|(_, it)| !it.is_empty())).collect();
        let answer = Answer::to(self.app.http.post(self.app.url("/oauth/revoke")).form(&form)).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, "{}"), "{answer:?}");
    }

    async fn records(&self, event: &str) -> usize {
        self.app.audit().await.iter().filter(|record| record.event == event).count()
    }
}

#[track_caller]
fn read(answer: &Answer) -> Tokens {
    let refresh = answer.json()["refresh_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
    Tokens { access: answer.token(), refresh }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_02_client_and_api_are_told_who_acts(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let tokens = world.tokens(&world.web).await;
    let claims = claims_of(&tokens.access);
    let mut expected = json!({"active": true, "token_type": "Bearer"});
    for name in
        ["iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "auth_time", "sid", NAMESPACE]
    {
        expected[name] = claims[name].clone();
    }
    assert_eq!(world.introspect(&world.web, &tokens.access).await, expected);
    assert_eq!(world.introspect(&world.app.demo.api, &tokens.access).await, expected);
    let now = world.app.clock.now().as_secs();
    let refresh = json!({
        "active": true, "iss": world.app.issuer, "sub": "usr_ann", "client_id": world.web.id, "iat": now,
        "exp": now + 30 * 86_400, "scope": claims["scope"], "auth_time": now, "sid": "sid-ann",
    });
    assert_eq!(world.introspect(&world.web, &tokens.refresh).await, refresh);
    let other = world.app.application(ClientType::Web, "Other", &[]).await;
    let inactive = json!({"active": false});
    for caller in [&other, &world.app.demo.cron] {
        for token in [&tokens.access, &tokens.refresh] {
            assert_eq!(world.introspect(caller, token).await, inactive);
        }
    }
    assert_eq!(world.introspect(&world.app.demo.api, &tokens.refresh).await, inactive, "it is for no API");
    let second = read(&world.app.refresh(&world.web, &tokens.refresh, &[]).await);
    assert!(!world.lives(&tokens.refresh).await, "it is spent");
    assert!(world.lives(&second.refresh).await && world.lives(&tokens.access).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_12_a_refresh_token_ends_with_all_that_came_of_it(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("refresh_token", "access_token", "")] hint: &str,
) {
    let world = World::on(engine).await;
    let (first, bystander) = (world.tokens(&world.web).await, world.tokens(&world.web).await);
    let second = read(&world.app.refresh(&world.web, &first.refresh, &[]).await);
    world.revoke(&world.web, &second.refresh, hint).await;
    for dead in [&first.access, &second.access, &first.refresh, &second.refresh] {
        assert!(!world.lives(dead).await);
    }
    world.app.refresh(&world.web, &second.refresh, &[]).await.must_be_error(400, "invalid_grant");
    assert_eq!(world.records("refresh_token.revoked").await, 1);
    world.revoke(&world.web, &second.refresh, hint).await;
    assert_eq!(world.records("refresh_token.revoked").await, 1, "what is dead costs no write");
    assert!(world.lives(&bystander.access).await && world.lives(&bystander.refresh).await, "RT-12");
}

/// Who has a spent one wants an end as much as who has its successor.
#[tokio::test(flavor = "multi_thread")]
async fn int_12_a_spent_refresh_token_ends_the_same() {
    let world = World::on(Sqlite).await;
    let first = world.tokens(&world.web).await;
    let second = read(&world.app.refresh(&world.web, &first.refresh, &[]).await);
    world.revoke(&world.web, &first.refresh, "").await;
    assert!(!world.lives(&second.access).await && !world.lives(&second.refresh).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_12_an_access_token_ends_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let tokens = world.tokens(&world.web).await;
    world.revoke(&world.web, &tokens.access, "").await;
    assert!(!world.lives(&tokens.access).await && world.lives(&tokens.refresh).await);
    let next = read(&world.app.refresh(&world.web, &tokens.refresh, &[]).await);
    assert!(world.lives(&next.access).await);
}

/// Guards need not hold thousands; and who has one account must not sign out the client's other users.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_12_too_many_of_one_authorization_end_that_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let (mut tokens, bystander) = (world.tokens(&world.web).await, world.tokens(&world.web).await);
    for n in 1..=10 {
        assert!(world.lives(&tokens.refresh).await, "before the revocation {n}");
        world.revoke(&world.web, &tokens.access, "").await;
        if n < 10 {
            tokens = read(&world.app.refresh(&world.web, &tokens.refresh, &[]).await);
        }
    }
    assert!(!world.lives(&tokens.refresh).await);
    assert_eq!(world.records("tokens.collapsed").await, 1);
    assert!(world.lives(&bystander.access).await && world.lives(&bystander.refresh).await);
}

/// For no API there is nobody who would be told of a single token.
#[tokio::test(flavor = "multi_thread")]
async fn int_12_a_token_for_userinfo_alone_ends_with_its_authorization() {
    let world = World::on(Sqlite).await;
    let (mut issue, code) = world.app.authorization(&world.ann, &world.web, "openid offline_access").await;
    (issue.family.resource_server_id, issue.view.resource_server) = (None, None);
    world.app.store.issue_code(issue).await.unwrap();
    let tokens = read(&world.app.redeem(&world.web, &code, &[]).await);
    assert_eq!(claims_of(&tokens.access)["aud"], world.app.url("/userinfo"));
    assert!(world.lives(&tokens.access).await);
    world.revoke(&world.web, &tokens.access, "").await;
    assert!(!world.lives(&tokens.access).await && !world.lives(&tokens.refresh).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_29_another_clients_tokens_stay_as_they_are(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let tokens = world.tokens(&world.web).await;
    for kind in [ClientType::Web, ClientType::Spa, ClientType::ThirdParty] {
        let other = world.app.application(kind, &format!("Other {kind}"), &[]).await;
        for token in [&tokens.access, &tokens.refresh] {
            world.revoke(&other, token, "").await;
        }
    }
    assert!(world.lives(&tokens.access).await && world.lives(&tokens.refresh).await);
    assert_eq!(world.records("refresh_token.revoked").await + world.records("token.revoked").await, 0);
}

/// It has nothing to prove itself by, so whoever has its token may end it, and nobody learns more of it.
#[tokio::test(flavor = "multi_thread")]
async fn int_09_a_public_client_revokes_its_own() {
    let world = World::on(Sqlite).await;
    let spa = world.app.application(ClientType::Spa, "SPA", &[]).await;
    let tokens = world.tokens(&spa).await;
    let api = &world.app.demo.api;
    assert_eq!(world.introspect(api, &tokens.access).await["active"], true);
    world.revoke(&spa, &tokens.refresh, "").await;
    assert_eq!(world.introspect(api, &tokens.access).await, json!({"active": false}));
    let form = [("client_id", &spa.id), ("token", &tokens.access)];
    let asked = Answer::to(world.app.http.post(world.app.url("/oauth/introspect")).form(&form)).await;
    asked.must_be_error(401, "invalid_client");
}

/// Whichever comes first: after the revocation has been answered, nothing of it opens anything (RT-03).
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rt_03_nothing_survives_a_revocation_that_races_refreshes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::on(engine).await;
    let tokens = world.tokens(&world.web).await;
    let refresh = || world.app.refresh(&world.web, &tokens.refresh, &[]);
    let revoke = world.revoke(&world.web, &tokens.refresh, "");
    let ((), one, two, three) = tokio::join!(revoke, refresh(), refresh(), refresh());
    for answer in [one, two, three] {
        if answer.status == 200 {
            let got = read(&answer);
            assert!(!world.lives(&got.access).await && !world.lives(&got.refresh).await);
            world.app.refresh(&world.web, &got.refresh, &[]).await.must_be_error(400, "invalid_grant");
        } else {
            assert!([400, 503].contains(&answer.status.as_u16()), "{answer:?}");
        }
    }
    assert!(world.lives(&world.tokens(&world.web).await.access).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r64_opaque_tokens_of_users_are_told_alike(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let opaque = TokenFormat::Opaque.as_str();
    let sql = format!("UPDATE resource_servers SET token_format = '{opaque}', version = version + 1");
    world.app.database.execute(&sql);
    let tokens = world.tokens(&world.web).await;
    let told = world.introspect(&world.app.demo.api, &tokens.access).await;
    assert_eq!((&told["sub"], &told["sid"]), (&json!("usr_ann"), &json!("sid-ann")));
    assert_eq!(told["aud"], json!([AUDIENCE, world.app.url("/userinfo")]));
    assert_eq!(told[NAMESPACE], json!({"companyId": world.app.demo.acme}));
    world.revoke(&world.web, &tokens.refresh, "").await;
    assert_eq!(world.introspect(&world.app.demo.api, &tokens.access).await, json!({"active": false}));
}

/// What the user is or may do ends what was given, whether or not anybody thought of ending it.
#[rstest]
#[case::user_deleted("DELETE FROM users")]
#[case::user_disabled("UPDATE users SET disabled_at = 1, version = version + 1")]
#[case::user_leaving("UPDATE users SET delete_at = 9999999999999, version = version + 1")]
#[case::out_of_the_company("DELETE FROM membership_roles; DELETE FROM memberships")]
#[case::company_disabled("UPDATE companies SET disabled_at = 1, version = version + 1")]
#[case::client_disabled("UPDATE clients SET disabled_at = 1, version = version + 1 WHERE kind = 'web'")]
#[case::family_ended("DELETE FROM token_families")]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_what_a_users_token_rests_on_ends_it(#[case] sql: &str) {
    let world = World::on(Sqlite).await;
    let tokens = world.tokens(&world.web).await;
    let api = &world.app.demo.api;
    assert_eq!(world.introspect(api, &tokens.access).await["active"], true);
    world.app.database.execute(sql);
    assert_eq!(world.introspect(api, &tokens.access).await, json!({"active": false}));
}
