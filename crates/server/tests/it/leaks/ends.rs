//! What a report ends, by kind of credential: that one, alone.

use super::*;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_personal_access_token_is_dead_and_its_siblings_are_not(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let [leaked, other] = [server.pat(&ann, new_pat("CI")).await, server.pat(&ann, new_pat("Cron")).await];
    let api = &server.demo.api;
    is_active(&introspect(&server, api, leaked.token.expose()).await);
    reported(&server, leaked.token.expose()).await;
    is_inactive(&introspect(&server, api, leaked.token.expose()).await);
    is_active(&introspect(&server, api, other.token.expose()).await);
    let records = leaks(&server).await;
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((record.actor_kind.as_str(), record.outcome.as_str()), ("anonymous", "success"));
    assert_eq!(
        (record.subject_kind.as_deref(), record.subject_id.as_deref()),
        (Some("user"), Some("usr_ann"))
    );
    assert_eq!(
        (record.address.as_deref(), record.company_id.is_some()),
        (None, true),
        "a reporter leaves none"
    );
    let said = detail(record);
    let last4 = leaked.token.last4();
    assert_eq!(
        said,
        serde_json::json!({"kind": "pat", "last4": last4, "pat": leaked.pat.id.as_str(), "revoked": true})
    );
    // Again changes nothing.
    let before = contents(&server);
    reported(&server, leaked.token.expose()).await;
    assert_eq!((leaks(&server).await.len(), contents(&server) == before), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_values_that_work_only_the_one_that_leaked_dies() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let old = server.pat(&ann, new_pat("CI")).await;
    let fresh = server.fresh(&ann).await;
    let day = Duration::from_secs(86_400);
    let rolled = server
        .engine
        .replace_pat(&fresh, old.pat.id.as_str(), Some(day), None, &server.context())
        .await
        .unwrap();
    let new = rolled.0.token;
    reported(&server, old.token.expose()).await;
    is_inactive(&introspect(&server, &server.demo.api, old.token.expose()).await);
    is_active(&introspect(&server, &server.demo.api, new.expose()).await);
    reported(&server, new.expose()).await;
    is_inactive(&introspect(&server, &server.demo.api, new.expose()).await);
    assert_eq!(leaks(&server).await.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_dies_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let cron = server.demo.cron.clone();
    let (opaque, api) = opaque_token(&server, "payroll").await;
    let [jwt, sibling] = [server.token(&cron).await, server.token(&cron).await];
    reported(&server, &jwt).await;
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
    is_active(&introspect(&server, &server.demo.api, &sibling).await);
    is_active(&introspect(&server, &api, &opaque).await);
    reported(&server, &opaque).await;
    is_inactive(&introspect(&server, &api, &opaque).await);
    is_active(&introspect(&server, &server.demo.api, &sibling).await);
    let kinds: Vec<_> = leaks(&server)
        .await
        .iter()
        .map(|it| (it.subject_kind.clone().unwrap(), detail(it)["last4"].clone()))
        .collect();
    let last4 = &opaque[opaque.len() - 4..];
    assert_eq!(kinds, [("token".to_owned(), "".into()), ("token".to_owned(), last4.into())]);
    // What the client does meanwhile goes on.
    server.token(&cron).await;
}

/// What nobody's key of ours has signed, however alike it is, ends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_counts_only_if_its_signature_verifies() {
    let server = Server::start().await;
    let jwt = server.token(&server.demo.cron).await;
    let [header, claims, signature] = <[&str; 3]>::try_from(jwt.split('.').collect::<Vec<_>>()).unwrap();
    let flipped: String = signature.chars().rev().collect();
    let (stranger, _document) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let own = tokenry_jose::base64url::decode(claims).unwrap();
    let signed = stranger.sign_compact(&stranger.header("at+jwt"), &own).unwrap();
    for forged in [
        format!("{header}.{claims}.{flipped}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        signed,
    ] {
        reported(&server, &forged).await;
    }
    is_active(&introspect(&server, &server.demo.api, &jwt).await);
    assert!(leaks(&server).await.is_empty());
    reported(&server, &jwt).await;
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_secret_dies_with_what_it_got_and_its_other_one_goes_on(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let cron = server.demo.cron.clone();
    let (_stored, second) = server.manager.add_client_secret(&cron.id, NewSecret::default()).await.unwrap();
    let other = DemoClient { secret: second.expose().to_owned(), ..cron.clone() };
    let (got, kept) = (server.token(&cron).await, server.token(&other).await);
    reported(&server, &cron.secret).await;
    TestApp::ask(&server, &cron, &[]).await.must_be_error(401, "invalid_client");
    is_inactive(&introspect(&server, &server.demo.api, &got).await);
    is_active(&introspect(&server, &server.demo.api, &kept).await);
    server.token(&other).await;
    let record = leaks(&server).await.remove(0);
    assert_eq!(
        (record.subject_kind.as_deref(), record.company_id.as_deref()),
        (Some("secret"), Some(&*server.demo.acme))
    );
    assert_eq!(
        (detail(&record)["kind"].clone(), detail(&record)["client"].clone()),
        ("client_secret".into(), (&*cron.id).into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_secret_is_found_where_it_is_long_enough_to_be_random() {
    let server = Server::start().await;
    let cron = server.demo.cron.clone();
    let long = "Zq7-imported-secret-of-another-issuer-0815";
    let short = "Zq7-imported-secret";
    for text in [long, short] {
        let imported = Some(Secret::new(text.to_owned()));
        server
            .manager
            .add_client_secret(&cron.id, NewSecret { imported, ..NewSecret::default() })
            .await
            .unwrap();
        reported(&server, text).await;
    }
    let with = |secret: &str| DemoClient { secret: secret.to_owned(), ..cron.clone() };
    TestApp::ask(&server, &with(long), &[]).await.must_be_error(401, "invalid_client");
    server.token(&with(short)).await;
    let said = detail(&leaks(&server).await.remove(0));
    assert_eq!(
        (&said["kind"], &said["last4"]),
        (&"client_secret".into(), &"".into()),
        "a text that somebody chose"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_an_account_dies_and_the_one_that_took_its_place_does_not(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let (ann, api) = (server.member("ann").await, &server.demo.api);
    let leaked = server.account_secret(&ann.id).await;
    let overlap = Some(Duration::from_secs(3_600));
    server.manager.rotate_account_secret(ann.id.as_str(), overlap).await.unwrap();
    let second = server.manager.reveal_account_secret(ann.id.as_str()).await.unwrap();
    is_active(&introspect(&server, api, &leaked).await);
    reported(&server, &leaked).await;
    is_inactive(&introspect(&server, api, &leaked).await);
    is_active(&introspect(&server, api, second.expose()).await);
    reported(&server, second.expose()).await;
    is_inactive(&introspect(&server, api, second.expose()).await);
    let kinds: Vec<_> = leaks(&server).await.iter().map(|record| detail(record)["kind"].clone()).collect();
    assert_eq!(kinds, ["account_secret", "account_secret"]);
    reported(&server, &leaked).await;
    assert_eq!(leaks(&server).await.len(), 2, "it is dead already");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apis_own_secret_dies_alone() {
    let server = Server::start().await;
    let api = server.demo.api.clone();
    let (_stored, second) = server.manager.add_api_secret(&api.id, NewSecret::default()).await.unwrap();
    let jwt = server.token(&server.demo.cron).await;
    reported(&server, &api.secret).await;
    introspect(&server, &api, &jwt).await.is_error(401, "invalid_client");
    let other = DemoClient { secret: second.expose().to_owned(), ..api };
    is_active(&introspect(&server, &other, &jwt).await);
}

#[rstest]
#[case::fresh(false)]
#[case::spent(true)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_dies_with_all_that_was_granted_then(
    #[case] spent: bool,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let ann = server.member("ann").await;
    let web = server.application(ClientType::Web, "Web", &[]).await;
    let tokens = async || {
        let code = server.code(&ann, &web, SCOPE).await;
        let answer = server.redeem(&web, &code, &[]).await;
        (answer.token(), answer.json()["refresh_token"].as_str().unwrap().to_owned())
    };
    let ((access, refresh), (other_access, other)) = (tokens().await, tokens().await);
    let mut newest = refresh.clone();
    if spent {
        let answer = server.refresh(&web, &refresh, &[]).await;
        newest = answer.json()["refresh_token"].as_str().unwrap().to_owned();
        server.clock.advance(Duration::from_secs(60));
    }
    reported(&server, &refresh).await;
    server.refresh(&web, &newest, &[]).await.must_be_error(400, "invalid_grant");
    is_inactive(&introspect(&server, &server.demo.api, &access).await);
    is_active(&introspect(&server, &server.demo.api, &other_access).await);
    assert_eq!(server.refresh(&web, &other, &[]).await.status, 200);
    let record = leaks(&server).await.remove(0);
    assert_eq!(
        (record.subject_id.as_deref(), &detail(&record)["client"]),
        (Some("usr_ann"), &(&*web.id).into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_userinfo_alone_ends_what_it_came_with() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let web = server.application(ClientType::Web, "Web", &[]).await;
    let code = server.code(&ann, &web, "openid").await;
    let answer = server.redeem(&web, &code, &[]).await;
    let token = answer.token();
    let userinfo = async || {
        let request = server.http.get(server.url("/userinfo")).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(userinfo().await, 200);
    reported(&server, &token).await;
    assert_eq!(userinfo().await, 401);
    assert_eq!(leaks(&server).await.len(), 1);
}
