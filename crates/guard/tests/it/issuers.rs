//! Several issuers side by side: none of them speaks for another.

use axum::http::{HeaderMap, Method};
use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestIssuer, TestToken};
use tokenry_guard::{ConfigError, Guard, Issuer, Secret, TenantClaim};

use crate::remote::{Remote, builder, eventually, ok, refused};
use crate::server::Server;
use crate::support::{Api, Read, app};

/// An API that believes two.
struct Two {
    api: Api,
    other: TestIssuer,
}

impl Two {
    async fn start() -> Self {
        let (issuer, other) = (TestIssuer::new(), TestIssuer::named("https://other.example.com"));
        let guard = issuer.guard_builder().also(other.further()).build().await.unwrap();
        Self { api: Api { app: app(&guard), guard, issuer }, other }
    }

    fn others_token(&self) -> TestToken {
        self.other.token().client("cron").company("acme").scope(Read)
    }

    async fn whoami(&self, token: &TestToken) -> u16 {
        self.api.get("/whoami", token).await.status.as_u16()
    }
}

#[tokio::test]
async fn tokens_of_either_pass() {
    let two = Two::start().await;
    for _ in 0..2 {
        assert_eq!(two.whoami(&two.api.token()).await, 200);
        assert_eq!(two.whoami(&two.others_token()).await, 200);
    }
    let headers: HeaderMap =
        [("authorization".parse().unwrap(), two.others_token().bearer())].into_iter().collect();
    let now = tokenry_guard::Clock::now(two.other.clock());
    let caller = two.api.guard.authenticate(&headers, now).await.unwrap();
    assert_eq!(caller.issuer(), "https://other.example.com");
}

#[tokio::test]
async fn jwt_12_a_key_of_one_signs_nothing_of_another() {
    let two = Two::start().await;
    let other = two.other.issuer().to_owned();
    let refused = (401, "invalid_token".to_owned());
    for token in [
        two.api.token().issuer(&other),
        two.others_token().issuer(two.api.issuer.issuer()),
        two.api.token().issuer("https://stranger.example.com"),
        two.api.token().issuer(&format!("{other}/")),
        two.api.token().without("iss"),
        two.api.token().claim("iss", serde_json::json!([other])),
    ] {
        assert_eq!(two.api.get("/whoami", &token).await.refusal(), refused, "{token:?}");
    }
    for text in ["a.b.c", "a", "..", "a.e30.c"] {
        assert_eq!(two.api.whoami(&format!("Bearer {text}")).await.refusal(), refused, "{text}");
    }
}

#[tokio::test]
async fn what_one_says_is_dead_lives_on_at_the_other() {
    let two = Two::start().await;
    let (ours, theirs) = (two.api.token(), two.others_token());
    assert_eq!(ours.handle(), theirs.handle(), "one client, so far as names tell");
    two.other.revoke_handle(&theirs);
    two.other.revoke(&ours);
    two.other.disable_company("acme");
    assert_eq!((two.whoami(&ours).await, two.whoami(&theirs).await), (200, 401));
    two.other.interrupt();
    let stale: Vec<_> = two.api.guard.status().issuers.iter().map(|issuer| issuer.stale).collect();
    assert_eq!(stale, [false, true]);
}

#[tokio::test]
async fn r26_a_corporation_is_its_issuers() {
    let two = Two::start().await;
    two.other.corporation("group", ["acme", "initech"]);
    let path = "/companies/initech/timesheets";
    let ours = two.api.token().corporation("group");
    let theirs = two.others_token().corporation("group");
    assert_eq!(two.api.call(Method::GET, path, &theirs).await.status, 200);
    assert_eq!(two.api.call(Method::GET, path, &ours).await.status, 403);
}

#[tokio::test]
async fn of_a_foreign_one_the_keys_alone_count() {
    let (issuer, foreign) = (TestIssuer::new(), TestIssuer::new());
    let (server, foreign_server) = (Server::start(&issuer).await, Server::start(&foreign).await);
    foreign_server.shared.snapshot.lock().corporations.insert("group".to_owned(), vec!["initech".to_owned()]);
    let also = Issuer::foreign(&foreign_server.url);
    let guard = builder(&issuer, &server, "secret").also(also).build().await.unwrap();
    let remote = Remote { api: Api { app: app(&guard), guard, issuer }, server };
    remote.wait_until_ready().await;
    let token = foreign.token().client("cron").company("acme").scope(Read).issuer(&foreign_server.url);
    assert_eq!(remote.whoami(&token).await, ok());
    let corporation = token.clone().corporation("group");
    assert_eq!(remote.api.get("/companies/acme/timesheets", &corporation).await.status, 200);
    assert_eq!(remote.api.get("/companies/initech/timesheets", &corporation).await.status, 403);
    assert_eq!(remote.api.get("/timesheets", &corporation).await.refusal().1, "directory_unavailable");
    assert_eq!((foreign_server.snapshot_requests(), foreign_server.streams().len()), (0, 0));
    let status = &remote.api.guard.status().issuers[1];
    assert!(status.has_keys && !status.stale && status.stream_age.is_none());
}

#[tokio::test]
async fn a_second_tokenry_is_followed_too() {
    let (issuer, second) = (TestIssuer::new(), TestIssuer::new());
    let (server, second_server) = (Server::start(&issuer).await, Server::start(&second).await);
    let also = Issuer::tokenry(&second_server.url, "timesheets", Secret::new("secret".to_owned()));
    let guard = builder(&issuer, &server, "secret").also(also).build().await.unwrap();
    let remote = Remote { api: Api { app: app(&guard), guard, issuer }, server };
    remote.wait_until_ready().await;
    let token = second.token().client("cron").company("acme").scope(Read).issuer(&second_server.url);
    assert_eq!(remote.whoami(&token).await, ok());
    second_server.shared.revoke("token", token.token_id());
    eventually("it is refused", async || remote.whoami(&token).await == refused(401, "invalid_token")).await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    remote.api.guard.shutdown().await;
    for server in [&remote.server, &second_server] {
        assert!(server.shared.acks.lock().iter().any(|ack| ack.signed_off));
    }
}

#[tokio::test]
async fn mistakes_about_all_issuers_are_reported_at_once() {
    let secret = || Secret::new("secret".to_owned());
    let errors = Guard::builder()
        .issuer("https://id.example.com")
        .audience(AUDIENCE)
        .credentials("api", secret())
        .tenant(TenantClaim::namespace(NAMESPACE))
        .accept([])
        .also(Issuer::foreign("id.example.com"))
        .also(Issuer::tokenry("http://id.example.com", "api", secret()))
        .also(Issuer::foreign("https://id.example.com"))
        .also(Issuer::foreign("https://id.example.com"))
        .state_dir("/dev/null/state")
        .build()
        .await
        .unwrap_err();
    let errors: Vec<_> = errors.iter().cloned().collect();
    let expected = [
        ConfigError::Issuer("id.example.com".to_owned()),
        ConfigError::IssuerNotHttps("http://id.example.com".to_owned()),
        ConfigError::DuplicateIssuer("https://id.example.com".to_owned()),
        ConfigError::NothingAccepted,
    ];
    assert_eq!(errors[..4], expected);
    assert!(matches!(errors[4..], [ConfigError::StateDir(_)]), "{errors:?}");
}
