//! Themes: pages have the name, picture and colours that operators gave them, each application's those of its own.

use rstest::rstest;
use tokenry_engine::manage::SetTheme;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, Browser, Page, found};

use crate::consent::Rig;

const LOGO: &[u8] = include_bytes!("../../../../../tests/browser/logo.png");

/// Where the colours of a page are, beside what all pages have.
fn colors(page: &Page) -> Vec<String> {
    page.attributes("link[rel=\"stylesheet\"]", "href").split_off(1)
}

/// A page once it is `name`'s: themes are looked for twice a second.
async fn page_of(browser: &mut Browser, target: &str, name: &str) -> Page {
    let of_name = |page: &Page| page.texts(".brand") == [name];
    found(name, async || Some(browser.open(target).await).filter(of_name)).await
}

#[rstest]
#[tokio::test]
async fn pages_look_as_operators_say(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let (operator, mut browser) = (rig.app.operator().await, rig.app.browser());
    let page = browser.open("/login").await;
    assert_eq!((page.texts(".brand"), colors(&page)), (vec!["Tokenry".to_owned()], vec![]));

    let acme = SetTheme { name: Some("Acme <b>& Sons".to_owned()), ..accent("#7a3db8", Some("#c9a3ff")) };
    operator.set_theme(None, acme).await.unwrap();
    let page = page_of(&mut browser, "/login", "Acme <b>& Sons").await;
    assert_eq!(page.texts("title"), ["Sign in · Acme <b>& Sons"]);
    assert_eq!(colors(&page), ["/assets/accent-7a3db8-c9a3ff.css"]);
    let missing = browser.open("/reset/nothing").await;
    assert_eq!((missing.answer.status.as_u16(), missing.texts(".brand")), (404, page.texts(".brand")));

    let theirs = SetTheme { logo: Some(LOGO.to_vec()), ..SetTheme::default() };
    operator
        .set_theme(Some(&rig.partner.id), SetTheme { name: Some("Globex".to_owned()), ..theirs })
        .await
        .unwrap();
    let request = rig.request(&rig.partner, &[]);
    let page = page_of(&mut browser, &request, "Globex").await;
    assert_eq!(colors(&page), ["/assets/accent-7a3db8-c9a3ff.css"], "what it does not say is the server's");
    let logo = page.attributes(".brand img", "src").remove(0);
    let page = rig.ann.fill_in(&mut browser, &page).await;
    assert_eq!((page.url.path(), page.attributes(".brand img", "src")), ("/consent", vec![logo.clone()]));
    let account = browser.open("/account").await;
    assert_eq!(account.texts(".brand"), ["Acme <b>& Sons"]);
    assert!(account.attributes(".brand img", "src").is_empty(), "another application's logo");

    let picture = rig.app.http.get(rig.app.url(&logo)).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(picture.headers()["x-content-type-options"], "nosniff");
    assert_eq!(picture.bytes().await.unwrap(), LOGO);

    operator.delete_theme(Some(&rig.partner.id)).await.unwrap();
    operator.delete_theme(None).await.unwrap();
    let page = page_of(&mut browser, "/account", "Tokenry").await;
    assert!(colors(&page).is_empty());
    let gone = rig.app.http.get(rig.app.url(&logo)).send().await.unwrap();
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn colours_are_a_style_sheet_that_anybody_may_keep_and_nothing_else_is() {
    let rig = Rig::on(Sqlite).await;
    let get = async |path: &str| Answer::to(rig.app.http.get(rig.app.url(path))).await;
    let sheet = get("/assets/accent-7a3db8-c9a3ff.css").await;
    assert_eq!((sheet.status.as_u16(), sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    let light = ":root { --accent: #7a3db8; --on-accent: #ffffff; }";
    let dark = "@media (prefers-color-scheme: dark) { :root { --accent: #c9a3ff; --on-accent: #000000; } }";
    assert_eq!(sheet.body, format!("{light}\n{dark}\n"));
    for path in [
        "/assets/accent-7a3db8.css",
        "/assets/accent-7a3db8-c9a3fg.css",
        "/assets/accent-7a3db8-%7D%2A%7Bx%7D.css",
        "/assets/logos/x.png",
        "/assets/logos/x.svg",
        "/assets/logos/..%2Fx.png",
        "/assets/logos/",
    ] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
}

fn accent(light: &str, dark: Option<&str>) -> SetTheme {
    SetTheme { accent: Some(light.to_owned()), accent_dark: dark.map(str::to_owned), ..SetTheme::default() }
}
