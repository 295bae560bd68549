//! Which routes take `Secret`: every route of the router is tried, so that a new one that does is found.

use std::collections::BTreeSet;

use tokenry_protocol::{discovery, guard};
use tokenry_testkit::new_pat;

use super::*;
use crate::introspect::is_active;

/// All that take it.
const TAKE_IT: [&str; 1] = ["POST /oauth/introspect"];
const ROUTER: &str = include_str!("../../../src/lib.rs");
const PATHS: &str = include_str!("../../../src/paths.rs");

/// The path that a name in `paths.rs` stands for, with something in the place of what it leaves open.
fn path(name: &str) -> String {
    let declared = PATHS.lines().find_map(|line| line.trim().strip_prefix(&format!("{name} = ")));
    let value = declared.unwrap_or_else(|| panic!("{name} is no path")).trim_end_matches(',');
    let path = match value {
        "discovery::AUTHORIZATION_SERVER_PATH" => discovery::AUTHORIZATION_SERVER_PATH,
        "discovery::JWKS_PATH" => discovery::JWKS_PATH,
        "discovery::OPENID_PATH" => discovery::OPENID_PATH,
        "discovery::TOKEN_PATH" => discovery::TOKEN_PATH,
        "discovery::USERINFO_PATH" => discovery::USERINFO_PATH,
        "guard::ACK_PATH" => guard::ACK_PATH,
        "guard::EVENTS_PATH" => guard::EVENTS_PATH,
        "guard::SESSION_CHECK_PATH" => guard::SESSION_CHECK_PATH,
        "guard::SNAPSHOT_PATH" => guard::SNAPSHOT_PATH,
        literal => literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect(literal),
    };
    path.replace("{*name}", "x").replace("{name}", "x").replace("{id}", "x")
}

/// Every method of every route, as a request begins.
fn routes() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for route in ROUTER.split(".route(").skip(1) {
        let name = route.trim_start().strip_prefix("paths::").unwrap().split(',').next().unwrap();
        let handlers = route.split(".fallback(").next().unwrap();
        for (method, word) in [("GET", "get("), ("POST", "post("), ("DELETE", "delete(")] {
            let has = handlers.split(|c: char| c.is_whitespace() || c == '.').any(|it| it.starts_with(word));
            if has {
                routes.insert(format!("{method} {}", path(name)));
            }
        }
    }
    routes
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r106_no_route_takes_it_but_those_that_are_listed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (server, ann, secret) = with_one(engine).await;
    let me = format!("Secret {secret}");
    let form = "token=x&grant_type=client_credentials&action=create&name=more&decision=allow";
    let json =
        r#"{"token":"x","cookie":"x","audience":"x","name":"more","expires_in":60,"overlap":0,"seq":1}"#;
    let routes = routes();
    assert!(routes.len() > 90 && TAKE_IT.iter().all(|it| routes.contains(*it)), "{routes:?}");
    let before = server.database.contents();
    let mut taken = Vec::new();
    for route in &routes {
        for (kind, body) in [("application/x-www-form-urlencoded", form), ("application/json", json)] {
            let body = if route.starts_with("POST") { body } else { "" };
            let kind = ("Content-Type", kind);
            let nobody = server.ask(route, &[kind], body).await;
            let with_it = server.ask(route, &[kind, ("Authorization", &me)], body).await;
            assert!(!with_it.body.contains(&secret[..20]), "{route}");
            let refused = [400, 401, 403].contains(&with_it.status);
            if with_it.status != nobody.status && !refused {
                assert_eq!((nobody.status, with_it.status), (401, 200), "{route}");
                taken.push(route.clone());
            }
        }
    }
    taken.dedup();
    assert_eq!(taken, TAKE_IT);
    let after = server.database.contents();
    for (table, rows) in &before {
        assert_eq!(&after[table], rows, "{table}");
    }
    let pat = server.pat(&ann, new_pat("CI")).await;
    is_active(&ask_as(&server, &me, pat.token.expose()).await);
}
