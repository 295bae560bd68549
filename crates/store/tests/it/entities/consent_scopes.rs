//! One scope taken back ends what holds it where it was taken back, once, and nothing that was being issued comes after.

use rstest::rstest;
use tokenry_model::{Consent, Event, Tenant};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::{CodeIssue, IssueCode, TakeBackScope};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::*;
use super::samples::*;
use super::{World, race};

const AT_ACME: &str = "aaaaaaaaaaa";
const AT_GLOBEX: &str = "ggggggggggg";
const WITHOUT: &str = "wwwwwwwwwww";

fn at(company: &str) -> Option<Tenant> {
    Some(Tenant { company: company_id(company), corporation: None })
}

fn consent(company: &str, api: Option<&str>, scope: &str) -> Consent {
    Consent {
        user_id: user_id("usr_ann"),
        client_id: client_id("web"),
        resource_server_id: api.map(api_id),
        tenant: at(company),
        scope: Scope::parse(scope).unwrap(),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn taken(company: &str, api: Option<&str>, scope: &str) -> TakeBackScope {
    TakeBackScope {
        user_id: user_id("usr_ann"),
        client_id: client_id("web"),
        resource_server_id: api.map(api_id),
        tenant: at(company),
        scope: ScopeToken::parse(scope).unwrap(),
        now: NOW,
        narrowed: record(Event::ConsentNarrowed),
        revoked: record(Event::ConsentRevoked),
    }
}

/// Ann lets `web` read for acme and for globex, and has a family for each, and one at acme that holds `openid` alone.
async fn world(engine: Engine) -> World {
    let world = world_of_families(engine).await;
    let store = &world.store;
    store.create_company(&company("globex"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "globex", &[]), &[]).await.unwrap();
    for company in ["acme", "globex"] {
        let both = [
            consent(company, None, "openid offline_access"),
            consent(company, Some("timesheets"), "read:timesheets create:timesheets"),
        ];
        store.grant_consents(&both, &[]).await.unwrap();
    }
    for (name, company, scope) in [
        (AT_ACME, "acme", "openid read:timesheets"),
        (AT_GLOBEX, "globex", "openid read:timesheets"),
        (WITHOUT, "acme", "openid create:timesheets"),
    ] {
        let mut issue = code_issue(&world, name).await;
        issue.family.tenant = at(company);
        issue.family.scope = Scope::parse(scope).unwrap();
        assert_eq!(store.issue_code(issue).await.unwrap(), IssueCode::Issued);
    }
    world
}

async fn living(world: &World) -> Vec<&'static str> {
    let mut living = Vec::new();
    for name in [AT_ACME, AT_GLOBEX, WITHOUT] {
        if lives(&world.other, name).await {
            living.push(name);
        }
    }
    living
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r76_of_eight_who_take_a_scope_back_one_has_and_what_holds_it_ends(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let stale: CodeIssue = code_issue(&world, "ccccccccccc").await;
    let won = race(&world, 8, |store, _n| async move {
        store.take_back_scope(taken("acme", Some("timesheets"), "read:timesheets")).await.unwrap().is_some()
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(living(&world).await, [AT_GLOBEX, WITHOUT]);
    let learned = world.learned("timesheets", 0).await;
    assert_eq!(learned.len(), 1, "{learned:?}");
    assert!(learned[0].contains(&format!("revoked/handle {AT_ACME}")), "{learned:?}");
    assert_eq!(world.store.issue_code(stale).await.unwrap(), IssueCode::Stale);
    let left: Vec<_> = world.other.list_consents(&user_id("usr_ann")).await.unwrap();
    let left: Vec<_> = left.iter().map(|it| it.scope.to_string()).collect();
    let both = "create:timesheets read:timesheets";
    assert_eq!(left, ["offline_access openid", "create:timesheets", "offline_access openid", both]);
    assert_eq!(world.events().await.iter().filter(|it| *it == "consent.narrowed").count(), 1);
}

#[rstest]
#[tokio::test]
async fn r76_what_is_about_the_user_ends_at_every_api_and_the_last_scope_ends_all(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let store = &world.store;
    for (company, api, scope) in [
        ("acme", None, "profile"),
        ("acme", Some("payroll"), "read:timesheets"),
        ("initech", Some("timesheets"), "read:timesheets"),
    ] {
        assert_eq!(store.take_back_scope(taken(company, api, scope)).await.unwrap(), None, "{scope}");
    }
    assert_eq!(living(&world).await.len(), 3, "nothing has changed");
    assert!(store.take_back_scope(taken("acme", None, "openid")).await.unwrap().is_some());
    assert_eq!(living(&world).await, [AT_GLOBEX]);
    for (company, api, scope) in [
        ("acme", None, "offline_access"),
        ("acme", Some("timesheets"), "read:timesheets"),
        ("acme", Some("timesheets"), "create:timesheets"),
        ("globex", None, "offline_access"),
        ("globex", Some("timesheets"), "create:timesheets"),
        ("globex", None, "openid"),
    ] {
        assert!(store.take_back_scope(taken(company, api, scope)).await.unwrap().is_some(), "{scope}");
    }
    let mut other = code_issue(&world, "bbbbbbbbbbb").await;
    other.family.tenant = at("globex");
    other.family.scope = Scope::parse("openid create:timesheets").unwrap();
    assert_eq!(store.issue_code(other).await.unwrap(), IssueCode::Issued);
    let last = store.take_back_scope(taken("globex", Some("timesheets"), "read:timesheets")).await.unwrap();
    assert!(!last.unwrap().is_empty(), "its guards learn of all that ends");
    assert!(living(&world).await.is_empty());
    assert!(!lives(store, "bbbbbbbbbbb").await, "nor what holds another scope than the last one");
    assert!(store.list_consents(&user_id("usr_ann")).await.unwrap().is_empty());
    assert_eq!(world.events().await.last().map(String::as_str), Some("consent.revoked"));
}
