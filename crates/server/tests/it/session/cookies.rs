//! The two cookies: what binds them, what a damaged one is, and which is taken for the other.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use tokenry_clock::Clock as _;
use tokenry_engine::keys::Outgoing;
use tokenry_server::{Headless, SameSite};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Options, TestApp};

use super::*;

fn attributes(answer: &Answer, name: &str) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned());
    let of = all.filter(|set| set.starts_with(&format!("{name}=")));
    of.map(|set| set.split_once("; ").unwrap().1.to_owned()).collect()
}

#[rstest]
#[case::by_itself(None, "/", SameSite::Lax, API, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000")]
#[case::strict(
    None,
    "/",
    SameSite::Strict,
    API,
    "HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000"
)]
#[case::a_domain(
    Some("example.com"),
    "/",
    SameSite::Lax,
    "__Secure-tokenry_api",
    "HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=2592000"
)]
#[case::a_path(
    None,
    "/api",
    SameSite::Lax,
    "__Secure-tokenry_api",
    "HttpOnly; SameSite=Lax; Secure; Path=/api; Max-Age=2592000"
)]
#[case::other_sites(
    None,
    "/",
    SameSite::None,
    API,
    "HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000"
)]
#[tokio::test]
async fn r89_r90_r91_r93_r94_ses_03_cookies_are_bound(
    #[case] domain: Option<&str>,
    #[case] path: &str,
    #[case] same_site: SameSite,
    #[case] name: &str,
    #[case] expected: &str,
) {
    let headless = Headless {
        origins: vec![UI.to_owned()],
        cookie_domain: domain.map(str::to_owned),
        cookie_path: path.to_owned(),
    };
    let app = TestApp::with(Options { headless, same_site, ..Options::default() }).await;
    let ann = employee(&app, "ann").await;
    let mut ui = Ui::default();
    let answer = ui.sign_in(&app, &ann, json!({})).await;
    assert_eq!(attributes(&answer, name), [expected]);
    let word = if same_site == SameSite::Strict { "Strict" } else { "Lax" };
    let interactive = format!("HttpOnly; SameSite={word}; Secure; Path=/; Max-Age=2592000");
    assert_eq!(attributes(&answer, SID), [interactive], "always host-only, and never for all sites");
    let longest = ui.jar.iter().map(|(name, value)| name.len() + value.len()).max().unwrap();
    assert!(longest < 1_024, "SES-09: {longest}");
    for value in ui.jar.values() {
        assert!(!value.contains("usr_ann") && !value.contains("acme"), "R95: nothing is readable");
    }
    let gone = Answer::to(ui.proven(&app, Method::DELETE, "/session")).await;
    assert_eq!(
        attributes(&gone, name),
        [expected.replace("2592000", "0")],
        "taken back from where it was put"
    );
    assert_eq!(attributes(&gone, SID), [format!("{}0", "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=")]);
}

/// The text with one character changed so that its value differs in a bit that counts.
fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'g' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn r95_ses_04_a_changed_byte_anywhere_opens_nothing() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    for name in [SID, API] {
        let whole = ui.cookie(name).to_owned();
        let mut damaged: Vec<String> = (0..whole.len()).map(|at| flipped(&whole, at)).collect();
        let (front, back) = whole.split_at(whole.len() / 2);
        damaged.extend([front.to_owned(), back.to_owned(), format!("{back}{front}"), format!("{whole}A")]);
        damaged.extend([format!("{whole}="), "A".repeat(5_000)]);
        for value in &damaged {
            let alone = Ui::default().with(name, value);
            assert_eq!(problem(&alone.get(&app, "/session").await).0, 401, "{name} {value}");
            let beside = ui.with(name, value);
            assert_eq!(
                problem(&beside.get(&app, "/session").await).0,
                401,
                "beside a good one: {name} {value}"
            );
            if name == API {
                assert_eq!(checked(&app, &app.demo.api, value).await, json!({"active": false}), "{value}");
            }
        }
        assert_eq!(Ui::default().with(name, &whole).get(&app, "/session").await.status, 200, "{name}");
    }
    assert_eq!(checked(&app, &app.demo.api, ui.cookie(API)).await["active"], true);
}

#[tokio::test]
async fn ses_04_what_opens_nothing_is_taken_back_and_nothing_else_is() {
    let app = app_on(Sqlite).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let (ui, bobs) = (Ui::signed_in(&app, &ann).await, Ui::signed_in(&app, &bob).await);
    let damaged = |name: &str| flipped(ui.cookie(name), 40);
    let nobody = Ui::default();
    for (jar, taken) in [
        (nobody.clone(), &[][..]),
        (nobody.with(SID, &damaged(SID)), &[SID]),
        (nobody.with(API, &damaged(API)), &[API]),
        (ui.with(SID, &damaged(SID)), &[SID]),
        (ui.with(API, &damaged(API)), &[API]),
        (ui.with(SID, "x").with(API, "x"), &[SID, API]),
        (ui.with(SID, ui.cookie(API)), &[SID]),
        (ui.with(API, &format!("{0}; {API}={0}", ui.cookie(API))), &[API]),
        // Of two people's, each opens something.
        (ui.with(SID, bobs.cookie(SID)), &[]),
    ] {
        for path in ["/session", "/session/csrf", "/session/token"] {
            let method = if path == "/session/token" { Method::POST } else { Method::GET };
            let mut kept = jar.clone();
            let request = kept.proven(&app, method.clone(), path);
            let asked =
                if method == Method::POST { request.json(&json!({"audience": "x"})) } else { request };
            let answer = Answer::to(asked).await;
            assert_eq!(problem(&answer), (401, "session_required".to_owned()), "{jar:?}");
            for name in [SID, API] {
                let set = attributes(&answer, name);
                let expected = ["HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"];
                assert_eq!(set, expected[..usize::from(taken.contains(&name))], "{name} at {path}: {jar:?}");
            }
            kept.keep(&answer);
            if kept.jar.len() == 1 && taken.len() == 1 {
                assert_eq!(kept.get(&app, "/session").await.json()["user"]["id"], ann.id.as_str());
            }
        }
    }
    // So is what opened something once.
    assert_eq!(Answer::to(ui.proven(&app, Method::DELETE, "/session")).await.status, 204);
    let after = ui.get(&app, "/session").await;
    assert_eq!((attributes(&after, SID).len(), attributes(&after, API).len()), (1, 1));
    assert_eq!(bobs.get(&app, "/session").await.status, 200);
}

#[rstest]
#[tokio::test]
async fn ses_06_ses_11_neither_cookie_is_taken_for_the_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_on(engine).await;
    let (ann, bob) = (employee(&app, "ann").await, employee(&app, "bob").await);
    let (anns, bobs) = (Ui::signed_in(&app, &ann).await, Ui::signed_in(&app, &bob).await);
    assert_eq!(checked(&app, &app.demo.api, anns.cookie(SID)).await, json!({"active": false}));
    let swapped = Ui::default().with(SID, anns.cookie(API)).with(API, anns.cookie(SID));
    assert_eq!(problem(&swapped.get(&app, "/session").await).0, 401);
    for name in [SID, API] {
        let other = if name == SID { API } else { SID };
        assert_eq!(Ui::default().with(name, anns.cookie(other)).get(&app, "/session").await.status, 401);
        let of_two = anns.with(name, bobs.cookie(name));
        assert_eq!(problem(&of_two.get(&app, "/session").await).0, 401, "two people's cookies are nobody's");
        let twice = format!("{name}={0}; {name}={0}", anns.cookie(name));
        let answer = app.http.get(app.url("/session")).header("cookie", twice).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    // The one for APIs opens no page.
    for (name, value) in [(API, anns.cookie(API)), (SID, anns.cookie(API))] {
        let answer = Ui::default().with(name, value).get(&app, "/account").await;
        assert_eq!((answer.status.as_u16(), answer.header("location").starts_with("/login")), (303, true));
    }
    assert_eq!(anns.get(&app, "/session").await.json()["user"]["id"], ann.id.as_str());
    assert_eq!(bobs.get(&app, "/session").await.json()["user"]["id"], bob.id.as_str());
}

#[tokio::test]
async fn ses_02_a_planted_cookie_signs_nobody_in_as_somebody_else() {
    let app = app_on(Sqlite).await;
    let (ann, eve) = (employee(&app, "ann").await, employee(&app, "eve").await);
    let eves = Ui::signed_in(&app, &eve).await;
    let mut victim = Ui::default().with(API, eves.cookie(API));
    let answer = victim.sign_in(&app, &ann, json!({})).await;
    assert_eq!(answer.json()["user"]["id"], ann.id.as_str());
    assert_ne!(victim.cookie(API), eves.cookie(API));
    assert_eq!(victim.get(&app, "/session").await.json()["user"]["id"], ann.id.as_str());
}

#[tokio::test]
async fn r93_ses_08_cookies_end_by_our_own_clock() {
    let app = app_on(Sqlite).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    // Used by APIs alone, it lives for thirty days.
    for _half_day in 0..59 {
        app.clock.advance(Duration::from_secs(12 * 3_600 - 60));
        assert_eq!(checked(&app, &app.demo.api, ui.cookie(API)).await["active"], true);
    }
    app.clock.advance(Duration::from_secs(86_400));
    assert_eq!(checked(&app, &app.demo.api, ui.cookie(API)).await, json!({"active": false}));
    assert_eq!(ui.get(&app, "/session").await.status, 401);
    let idle = Ui::signed_in(&app, &ann).await;
    app.clock.advance(Duration::from_secs(12 * 3_600));
    assert_eq!(checked(&app, &app.demo.api, idle.cookie(API)).await, json!({"active": false}));
}

#[rstest]
#[tokio::test]
async fn r95_a_rotation_takes_neither_cookie_nor_token_from_anybody(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = app_on(engine).await;
    let ann = employee(&app, "ann").await;
    let ui = Ui::signed_in(&app, &ann).await;
    let keyholder = app.keyholder().await;
    keyholder.rotate_session_key(Outgoing::Retire, app.clock.now()).await.unwrap();
    app.clock.advance(Duration::from_secs(60));
    let second = until("the next key seals", async || {
        let second = Ui::signed_in(&app, &ann).await;
        (second.cookie(API)[..8] != ui.cookie(API)[..8]).then_some(second)
    })
    .await;
    for ui in [&ui, &second] {
        assert_eq!(checked(&app, &app.demo.api, ui.cookie(API)).await["active"], true);
        let again = ui.get(&app, "/session").await;
        assert_eq!((again.status.as_u16(), again.json()["csrf_token"] == ui.csrf.as_str()), (200, true));
    }
    keyholder.rotate_session_key(Outgoing::Revoke, app.clock.now()).await.unwrap();
    until("the key is gone", async || {
        (checked(&app, &app.demo.api, second.cookie(API)).await == json!({"active": false})).then_some(())
    })
    .await;
    Ui::signed_in(&app, &ann).await;
}

async fn until<T>(what: &str, mut so: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(it) = so().await {
            return it;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
