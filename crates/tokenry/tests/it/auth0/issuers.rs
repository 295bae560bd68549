//! An API of a tenant that moves: one guard, two servers, one of which stands in for Auth0.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::Value;
use tokenry_guard::{
    Caller, Clock as _, Denied, Dialect, Guard, GuardBuilder, Issuer, Principal, Secret, SystemClock,
    TenantClaim,
};
use tokenry_testkit::NAMESPACE;

use crate::dev::Dev;
use crate::folder::{AUDIENCE, text};
use crate::process::{PATIENCE, json, run};
use crate::serve::token;

fn issuer(dev: &Dev) -> String {
    text(&dev.report["issuer"])
}

async fn cron_token(dev: &Dev) -> String {
    let cron = &dev.report["clients"]["cron"];
    let client = (text(&cron["client_id"]), text(&cron["client_secret"]));
    token(issuer(dev).trim_end_matches('/'), &client).await.unwrap()
}

fn builder(dev: &Dev) -> GuardBuilder {
    let api = &dev.report["api"];
    Guard::builder()
        .issuer(issuer(dev))
        .audience(AUDIENCE)
        .credentials(text(&api["id"]), Secret::new(text(&api["secret"])))
        .tenant(TenantClaim::namespace(NAMESPACE))
}

async fn ready(builder: GuardBuilder) -> Guard {
    let guard = builder.build().await.unwrap();
    tokio::time::timeout(PATIENCE, guard.ready()).await.expect("keys and snapshot");
    guard
}

async fn ask(guard: &Guard, token: &str) -> Result<Caller, Denied> {
    let bearer = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    guard.authenticate(&HeaderMap::from_iter([(AUTHORIZATION, bearer)]), SystemClock.now()).await
}

fn is_cron_of(caller: &Caller, dev: &Dev) {
    let cron: &Value = &dev.report["clients"]["cron"];
    assert_eq!(caller.issuer(), issuer(dev));
    assert_eq!(caller.company(), cron["company_id"].as_str());
    assert!(matches!(caller.principal(), Principal::Client(id) if id == text(&cron["client_id"])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a2_a_guard_takes_auth0s_tokens_and_ours_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let (tenant, ours) =
        (Dev::start(&["--profile", "auth0"]), Dev::start(&["--data", folder.path().to_str().unwrap()]));
    let (theirs, mine) = (cron_token(&tenant).await, cron_token(&ours).await);
    let also = || Issuer::foreign(issuer(&tenant));
    let both = ready(builder(&ours).also(also().dialect(Dialect::Auth0))).await;
    is_cron_of(&ask(&both, &mine).await.unwrap(), &ours);
    is_cron_of(&ask(&both, &theirs).await.unwrap(), &tenant);

    // Nobody is believed who was not named, and nobody in another's words.
    let untold = ready(builder(&ours).also(also())).await;
    let alone = ready(builder(&ours).dialect(Dialect::Auth0)).await;
    for guard in [&untold, &alone] {
        assert!(ask(guard, &theirs).await.is_err());
        is_cron_of(&ask(guard, &mine).await.unwrap(), &ours);
    }

    // What one of them takes away is the other's no business.
    let id = text(&ours.report["clients"]["cron"]["client_id"]);
    let config = folder.path().join("tokenry.toml");
    assert_eq!(json(&config, &["clients", "disable", &id])["propagated"], true);
    assert!(ask(&both, &mine).await.is_err());
    is_cron_of(&ask(&both, &theirs).await.unwrap(), &tenant);
    assert_eq!(run(&config, &["clients", "enable", &id]).code, 0);
    let again = cron_token(&ours).await;
    is_cron_of(&ask(&both, &again).await.unwrap(), &ours);
    for guard in [both, untold, alone] {
        guard.shutdown().await;
    }
}
