//! The documentation that a server has of itself: pages, their Markdown, and the index for machines.

use rstest::rstest;

use crate::app::Server;

/// All that a page may load, and nobody may frame it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[rstest]
#[case("/docs", "text/html; charset=utf-8")]
#[case("/docs/concepts/revocation", "text/html; charset=utf-8")]
#[case("/docs/guides/verify/pyjwt", "text/html; charset=utf-8")]
#[case("/docs/concepts/revocation.md", "text/markdown; charset=utf-8")]
#[case("/docs/style.css", "text/css; charset=utf-8")]
#[case("/llms.txt", "text/plain; charset=utf-8")]
#[tokio::test]
async fn pages_are_open_kept_for_five_minutes_and_load_nothing_foreign(
    #[case] path: &str,
    #[case] kind: &str,
) {
    let server = Server::start().await;
    let line = format!("GET {path}");
    let answer = server.ask(&line, &[], "").await;
    assert_eq!((answer.status, answer.field("content-type")), (200, kind));
    assert_eq!(answer.field("cache-control"), "public, max-age=300");
    assert_eq!(answer.field("content-security-policy"), POLICY);
    assert_eq!(answer.field("x-content-type-options"), "nosniff");
    let again = server.ask(&line, &[("If-None-Match", answer.field("etag"))], "").await;
    assert_eq!((again.status, &*again.body), (304, ""));
    let head = server.ask(&format!("HEAD {path}"), &[], "").await;
    assert_eq!((head.status, head.field("etag")), (200, answer.field("etag")));
}

#[tokio::test]
async fn a_page_needs_no_script_and_says_where_one_is() {
    let server = Server::start().await;
    let page = server.ask("GET /docs/concepts/revocation", &[], "").await.body;
    assert!(
        page.contains("<h1 id=\"revocation-and-its-bounds\">") && page.contains("<title>Revocation"),
        "{page}"
    );
    assert!(page.contains("<a href=\"/docs/concepts/revocation\" aria-current=\"page\">"), "{page}");
    for forbidden in ["<script", " style=", "<iframe", "<form", "http-equiv"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[rstest]
#[case("/docs/nothing")]
#[case("/docs/nothing.md")]
#[case("/docs/dev/requirements")]
#[case("/docs/decisions/0004-token-handles.md")]
#[case("/docs/guides/..%2f..%2fCargo.toml")]
#[case("/docs/guides/%2e%2e/%2e%2e/README.md")]
#[case("/docs//etc/passwd")]
#[tokio::test]
async fn what_is_no_page_for_users_is_not_there(#[case] path: &str) {
    let server = Server::start().await;
    let answer = server.ask(&format!("GET {path}"), &[], "").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{path}");
    assert_eq!(answer.field("cache-control"), "no-store");
}

#[tokio::test]
async fn the_address_with_a_slash_leads_to_the_index_and_nothing_is_posted() {
    let server = Server::start().await;
    let answer = server.ask("GET /docs/", &[], "").await;
    assert_eq!((answer.status, answer.field("location")), (308, "/docs"));
    assert_eq!(server.ask("POST /docs", &[], "").await.status, 405);
}

/// The form of <https://llmstxt.org>: a title, what it is, then sections of links, each of which leads to Markdown.
#[tokio::test]
async fn r30_an_index_for_machines_leads_to_every_page() {
    let server = Server::start().await;
    let index = server.ask("GET /llms.txt", &[], "").await.body;
    assert!(index.starts_with("# Tokenry") && index.contains("\n> Tokenry is"), "{index}");
    let links: Vec<_> = index.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        let answer = server.ask(&format!("GET {link}"), &[], "").await;
        assert_eq!(
            (answer.status, answer.field("content-type")),
            (200, "text/markdown; charset=utf-8"),
            "{link}"
        );
        assert!(answer.body.starts_with("# "), "{link}");
    }
}
