//! Making a personal access token: what may be asked for, and for what it then is.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokenry_engine::{MAX_PATS, NewPat, PatError};
use tokenry_model::{CompanyId, TokenFormat};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, Member, NAMESPACE, SCOPES, new_pat};

use super::{ask, events, with_one};
use crate::app::Server;
use crate::introspect::another_api;

async fn refused(server: &Server, person: &Member, new: NewPat) -> PatError {
    let (fresh, before) = (server.fresh(person).await, events(server).await);
    let refused = server.engine.create_pat(&fresh, new, None, &server.context()).await.unwrap_err();
    assert_eq!(events(server).await, before, "{refused}");
    refused
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[rstest]
#[case::no_name("name", NewPat { name: " ".to_owned(), ..new_pat("x") })]
#[case::turned_round("name", NewPat { name: "a\u{202e}b".to_owned(), ..new_pat("x") })]
#[case::long_name("name", NewPat { name: "n".repeat(81), ..new_pat("x") })]
#[case::long_note("note", NewPat { note: "n".repeat(301), ..new_pat("x") })]
#[case::never_expires("expires_in", NewPat { expires_in: Duration::MAX, ..new_pat("x") })]
#[case::in_a_billion_days("expires_in", NewPat { expires_in: Duration::from_secs(86_400_000_000_000), ..new_pat("x") })]
#[case::no_time("expires_in", NewPat { expires_in: Duration::ZERO, ..new_pat("x") })]
#[case::longer_than_a_year("expires_in", NewPat { expires_in: Duration::from_secs(367 * 86_400), ..new_pat("x") })]
#[case::another_company("company_id", NewPat { company_id: Some("globex".to_owned()), ..new_pat("x") })]
#[case::no_api("apis", NewPat { apis: Some(vec![]), ..new_pat("x") })]
#[case::unknown_api("apis", NewPat { apis: Some(owned(&["https://none.example.com"])), ..new_pat("x") })]
#[case::nothing_held_there("apis", NewPat { apis: Some(owned(&["https://payroll.example.com"])), ..new_pat("x") })]
#[case::management("apis", NewPat { apis: Some(owned(&["http://127.0.0.1/manage/v1"])), ..new_pat("x") })]
#[case::no_scope("scopes", NewPat { scopes: Some(vec![]), ..new_pat("x") })]
#[case::undefined_scope("scopes", NewPat { scopes: Some(owned(&["fly:timesheets"])), ..new_pat("x") })]
#[case::not_held("scopes", NewPat { scopes: Some(owned(&["read:timesheets", "read:all"])), ..new_pat("x") })]
#[case::openid("scopes", NewPat { scopes: Some(owned(&["openid"])), ..new_pat("x") })]
#[case::no_address("allowed_addresses", NewPat { allowed_addresses: owned(&["office"]), ..new_pat("x") })]
#[case::everybody("allowed_addresses", NewPat { allowed_addresses: owned(&["0.0.0.0/0"]), ..new_pat("x") })]
#[tokio::test(flavor = "multi_thread")]
async fn pat_08_what_cannot_be_had_is_refused_by_its_name(#[case] expected: &str, #[case] new: NewPat) {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    another_api(&server, "payroll", TokenFormat::Jwt).await;
    match refused(&server, &ann, new).await {
        PatError::Invalid { field, .. } => assert_eq!(field, expected),
        other => panic!("{other:?}"),
    }
    server.pat(&ann, new_pat("honest")).await;
    assert_eq!(events(&server).await, ["pat.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_there_is_not_is_refused_like_one_where_nothing_is_held() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    another_api(&server, "payroll", TokenFormat::Jwt).await;
    let mut said = Vec::new();
    for name in ["payroll", "nothing"] {
        let apis = Some(vec![format!("https://{name}.example.com")]);
        said.push(
            refused(&server, &ann, NewPat { apis, ..new_pat("x") }).await.to_string().replace(name, "…"),
        );
    }
    assert_eq!(said[0], said[1]);
}

/// Nobody acts for two companies at a time, and nobody for one that was not meant.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pat_11_who_is_in_two_companies_says_for_which(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, ann, of_acme) = with_one(engine).await;
    let (acme, globex) = (server.demo.acme.clone(), server.demo.globex.clone());
    server.manager.add_member(&globex, ann.id.as_str(), &owned(&["role-of-ann"])).await.unwrap();
    let refusal = refused(&server, &ann, new_pat("which?")).await;
    assert!(matches!(&refusal, PatError::Invalid { field: "company_id", .. }), "{refusal:?}");
    assert!(refusal.to_string().contains(&acme) && refusal.to_string().contains(&globex), "{refusal}");
    let of_globex = NewPat { company_id: Some(globex.clone()), ..new_pat("Globex") };
    let of_globex = server.pat(&ann, of_globex).await;
    let tenant = async |token: &str| ask(&server, token).await.json()[NAMESPACE].clone();
    assert_eq!(
        tenant(of_acme.token.expose()).await,
        json!({"companyId": acme}),
        "made for the only one, it stays so"
    );
    assert_eq!(tenant(of_globex.token.expose()).await, json!({"companyId": globex}));
    assert_eq!(
        of_globex.pat.company.map(|(id, name)| (id, name.unwrap())),
        Some((CompanyId::parse(&globex).unwrap(), "Globex".to_owned()))
    );
}

/// Who is in no company holds nothing anywhere: the token says who they are, and opens nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_company_may_do_nothing_by_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::on(engine).await;
    let person = server.person("root").await;
    let session = server.sign_in(&person.id, "sid-nobody");
    let root = Member { id: person.id, session, company: CompanyId::parse("none").unwrap() };
    let issued = server.pat(&root, new_pat("nothing")).await;
    let told = ask(&server, issued.token.expose()).await.json();
    assert_eq!((&told["active"], told.get("scope"), told.get(NAMESPACE)), (&json!(true), None, None));
    let acme = server.demo.acme.clone();
    server.employ(&root.id).await;
    let told = ask(&server, issued.token.expose()).await.json();
    assert_eq!((&told["scope"], &told[NAMESPACE]), (&json!(SCOPES.join(" ")), &json!({"companyId": acme})));
    server.manager.add_member(&server.demo.globex, root.id.as_str(), &[]).await.unwrap();
    let told = ask(&server, issued.token.expose()).await.json();
    assert_eq!((told.get("scope"), told.get(NAMESPACE)), (None, None), "with two of them it is for none");
}

#[tokio::test(flavor = "multi_thread")]
async fn pat_15_no_more_than_fifty_work_at_a_time() {
    let (server, ann, first) = with_one(Sqlite).await;
    for n in 1..MAX_PATS {
        server.pat(&ann, new_pat(&format!("{n}"))).await;
    }
    assert!(matches!(refused(&server, &ann, new_pat("one more")).await, PatError::TooMany));
    let id = first.pat.id.as_str();
    let fresh = server.fresh(&ann).await;
    server.engine.revoke_pat(&fresh, id, &server.context()).await.unwrap();
    server.pat(&ann, new_pat("one more")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_ticked_is_what_is_held_now() {
    let (server, ann, _issued) = with_one(Sqlite).await;
    another_api(&server, "payroll", TokenFormat::Jwt).await;
    let reachable = server.engine.reachable_apis(&ann.id, &ann.company).await.unwrap();
    let reachable: Vec<_> =
        reachable.iter().map(|api| (api.audience.as_str(), api.scope.to_string())).collect();
    assert_eq!(reachable, [(AUDIENCE, SCOPES.join(" "))]);
}
