//! What ends a token: whatever it hangs on, at the next question.

use rstest::rstest;
use tokenry_clock::Clock as _;
use tokenry_engine::manage::UpdateCompany;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, TestApp};

use super::{introspect, is_active, is_inactive, opaque_token};
use crate::app::Server;

/// The ways for a token to end before it expires.
#[derive(Clone, Copy, Debug)]
enum End {
    Client,
    ClientDisabled,
    CompanyDisabled,
    Grant,
    Secret,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_what_a_token_hangs_on_ends_it_at_once(
    #[values(End::Client, End::ClientDisabled, End::CompanyDisabled, End::Grant, End::Secret)] end: End,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let jwt = server.token(&server.demo.cron).await;
    let (opaque, api) = opaque_token(&server, "payroll").await;
    let untouched = server.token(&server.demo.globex_client).await;
    let cron = &server.demo.cron;
    is_active(&introspect(&server, &server.demo.api, &jwt).await);
    is_active(&introspect(&server, &api, &opaque).await);
    match end {
        End::Client => drop(server.manager.delete_client(&cron.id).await.unwrap()),
        End::ClientDisabled => drop(server.manager.disable_client(&cron.id).await.unwrap()),
        End::CompanyDisabled => drop(server.manager.disable_company(&server.demo.acme).await.unwrap()),
        End::Grant => {
            for grant in server.manager.grants(Some(&cron.id)).await.unwrap() {
                server.manager.delete_grant(grant.id.as_str()).await.unwrap();
            }
        }
        End::Secret => {
            let secrets = server.manager.client_secrets(&cron.id).await.unwrap();
            server.manager.revoke_client_secret(&cron.id, secrets[0].id.as_str()).await.unwrap();
        }
    }
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
    is_inactive(&introspect(&server, &api, &opaque).await);
    is_active(&introspect(&server, &server.demo.api, &untouched).await);
    match end {
        End::ClientDisabled => drop(server.manager.enable_client(&cron.id).await.unwrap()),
        End::CompanyDisabled => drop(server.manager.enable_company(&server.demo.acme).await.unwrap()),
        End::Client | End::Grant | End::Secret => return,
    }
    // What was dead stays dead.
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
    is_inactive(&introspect(&server, cron, &opaque).await);
    is_active(&introspect(&server, cron, &server.token(cron).await).await);
}

/// A company's id is chosen where it comes from another system, so it may come again, for another firm.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_a_company_made_again_opens_no_token_of_the_one_before(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let (group, corporation) = (&server.demo.group, server.demo.acme_group.clone());
    server.manager.create_company("Temporary", Some("tmpco"), Some(&corporation)).await.unwrap();
    let (_opaque, api) = opaque_token(&server, "payroll").await;
    let audience = "https://payroll.example.com";
    server.manager.create_grant(&group.id, audience, &[]).await.unwrap();
    let narrowed = async |audience| {
        let answer = TestApp::ask(&server, group, &[("audience", audience), ("company_id", "tmpco")]).await;
        answer.token()
    };
    let (jwt, opaque) = (narrowed(AUDIENCE).await, narrowed(audience).await);
    let sister = server.token(&server.demo.globex_client).await;
    is_active(&introspect(&server, group, &jwt).await);
    server.manager.disable_company("tmpco").await.unwrap();
    server.manager.delete_company("tmpco").await.unwrap();
    server.manager.create_company("Another firm", Some("tmpco"), None).await.unwrap();
    for (caller, token) in [(group, &jwt), (&server.demo.api, &jwt), (group, &opaque), (&api, &opaque)] {
        is_inactive(&introspect(&server, caller, token).await);
    }
    is_active(&introspect(&server, &server.demo.api, &sister).await);
    is_active(&introspect(&server, group, &server.token(group).await).await);
}

/// However it came to be: what was made after a token was issued is not what the token names.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_a_token_is_older_than_nothing_that_it_names(
    #[values("companies", "clients", "resource_servers")] table: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let cron = &server.demo.cron;
    let (jwt, (opaque, api)) = (server.token(cron).await, opaque_token(&server, "payroll").await);
    is_active(&introspect(&server, &api, &opaque).await);
    let now = server.clock.now().as_millis();
    let made = |at: i64| server.database.execute(&format!("UPDATE {table} SET created_at = {at}"));
    made(now + 900);
    is_active(&introspect(&server, &server.demo.api, &jwt).await);
    made(now + 120_000);
    is_inactive(&introspect(&server, &server.demo.api, &jwt).await);
    is_inactive(&introspect(&server, &api, &opaque).await);
}

/// Under another namespace nothing is known of the company in a JWT, but the client's home still is.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn int_15_the_home_company_counts_whatever_the_token_says(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let group = &server.demo.group;
    let ask = [("audience", AUDIENCE), ("company_id", &*server.demo.acme_labs)];
    let narrowed = TestApp::ask(&server, group, &ask).await.token();
    is_active(&introspect(&server, &server.demo.api, &narrowed).await);
    server
        .database
        .execute(&format!("UPDATE companies SET disabled_at = 1 WHERE id = '{}'", server.demo.acme));
    is_inactive(&introspect(&server, &server.demo.api, &narrowed).await);
    server.database.execute("UPDATE companies SET disabled_at = NULL");
    is_active(&introspect(&server, &server.demo.api, &narrowed).await);
}

/// A corporation's client may narrow a token to a company of it, and loses that token with the company. What it holds for
/// the whole corporation lives on.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ten_06_what_is_narrowed_to_a_company_does_not_move_with_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = Server::on(engine).await;
    let (group, labs) = (&server.demo.group, server.demo.acme_labs.clone());
    let (_opaque, api) = opaque_token(&server, "payroll").await;
    let opaque = "https://payroll.example.com";
    server.manager.create_grant(&group.id, opaque, &[]).await.unwrap();
    // The server's own, and not the harness's of the same name.
    let app: &TestApp = &server;
    let narrowed = async |audience| app.ask(group, &[("audience", audience), ("company_id", &labs)]).await;
    let dead = [narrowed(AUDIENCE).await.token(), narrowed(opaque).await.token()];
    let wide = server.token(group).await;
    is_active(&introspect(&server, &server.demo.api, &dead[0]).await);
    is_active(&introspect(&server, &api, &dead[1]).await);

    let sold = UpdateCompany { name: None, corporation: Some(None) };
    let (_company, announced) = server.manager.update_company(&labs, sold).await.unwrap();
    assert!(!announced.is_empty());
    for token in &dead {
        is_inactive(&introspect(&server, group, token).await);
    }
    is_inactive(&introspect(&server, &api, &dead[1]).await);
    is_active(&introspect(&server, &server.demo.api, &wide).await);
    assert_eq!(narrowed(AUDIENCE).await.status, 400);

    let back = UpdateCompany { name: None, corporation: Some(Some(server.demo.acme_group.clone())) };
    server.manager.update_company(&labs, back).await.unwrap();
    is_inactive(&introspect(&server, group, &dead[0]).await);
    is_active(&introspect(&server, group, &narrowed(AUDIENCE).await.token()).await);
}
