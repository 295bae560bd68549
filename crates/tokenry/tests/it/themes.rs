//! `themes`: how the pages look is set by hand, and never so that people could not see what they are to press.

use std::fs;

use rstest::rstest;
use serde_json::json;

use crate::folder::{Folder, On};
use crate::process::{json as value, run};

/// A logo, 96 pixels wide and high.
const LOGO: &[u8] = include_bytes!("../../../../tests/browser/logo.png");

#[rstest]
fn operators_say_how_the_pages_look(#[values(On::Sqlite, On::Postgres)] on: On) {
    let folder = Folder::init(on);
    let tokenry = |arguments: &[&str]| value(&folder.config, arguments);
    let logo = folder.config.with_file_name("logo.png");
    fs::write(&logo, LOGO).unwrap();
    tokenry(&["clients", "create", "--type", "web", "--name", "Shop", "--client-id", "shop"]);
    assert_eq!(tokenry(&["themes", "list"]), json!([]));

    let server =
        tokenry(&["themes", "set", "--name", "Acme", "--accent", "#7A3DB8", "--accent-dark", "#c9a3ff"]);
    let acme = json!({ "of": "server", "name": "Acme", "accent": "#7a3db8", "accent_dark": "#c9a3ff" });
    assert_eq!(server, acme);
    let shop = tokenry(&["themes", "set", "--client", "shop", "--logo", logo.to_str().unwrap()]);
    let name = shop["logo"].as_str().unwrap();
    assert!(name.len() > 20 && name.ends_with(".png"), "{shop}");
    assert_eq!(shop, json!({ "of": "shop", "logo": name }));
    let coloured = tokenry(&["themes", "set", "--client", "shop", "--accent", "#b8443d"]);
    let theirs = json!({ "of": "shop", "accent": "#b8443d", "accent_dark": "#b8443d", "logo": name });
    assert_eq!(coloured, theirs, "the logo has stayed");
    assert_eq!(tokenry(&["themes", "list"]), json!([acme, theirs]));

    assert_eq!(run(&folder.config, &["themes", "remove"]).code, 0);
    assert_eq!(run(&folder.config, &["themes", "remove"]).code, 4);
    assert_eq!(run(&folder.config, &["themes", "show"]).code, 4);
    assert_eq!(tokenry(&["themes", "show", "--client", "shop"]), theirs);
    assert_eq!(run(&folder.config, &["clients", "delete", "shop", "--yes"]).code, 0);
    assert_eq!(tokenry(&["themes", "list"]), json!([]));
    let events =
        folder.ask("SELECT event || ' ' || detail FROM audit WHERE event LIKE 'theme.%' ORDER BY seq");
    assert_eq!(events.lines().count(), 4, "{events}");
    assert!(events.contains(&format!("theme.updated {{\"logo\":\"{name}\"}}")), "{events}");
}

#[test]
fn what_nobody_could_see_is_refused_and_said_why() {
    let folder = Folder::init(On::Sqlite);
    let files = folder.config.parent().unwrap();
    let file = |name: &str, content: &[u8]| {
        fs::write(files.join(name), content).unwrap();
        files.join(name).to_str().unwrap().to_owned()
    };
    value(&folder.config, &["themes", "set", "--name", "Acme"]);
    let (svg, long) =
        (file("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), [LOGO, &[0; 131_072]].concat());
    let (long, short) = (file("long.png", &long), file("short.png", &LOGO[..12]));
    let mut wide = LOGO.to_vec();
    wide[16..20].copy_from_slice(&5_000_u32.to_be_bytes());
    let wide = file("wide.png", &wide);
    for (arguments, code, why) in [
        (
            vec!["--accent", "#ffee00"],
            2,
            "accent: #ffee00 has a contrast of 1.1 to 1 with light pages, and needs 3 to 1",
        ),
        (
            vec!["--accent", "#0a1a4a"],
            2,
            "with dark pages, and needs 3 to 1; name a lighter one for them with --accent-dark",
        ),
        (vec!["--accent", "#0b5bb5", "--accent-dark", "#0a1a4a"], 2, "accent-dark: #0a1a4a has a contrast"),
        (vec!["--accent", "red"], 2, "accent: a colour is written as # and six hexadecimal digits"),
        (vec!["--accent-dark", "#7ab7ff"], 2, "--accent"),
        (vec!["--name", " "], 2, "name: it must be something to see"),
        (vec!["--name", "Ac\u{202e}me"], 2, "name: U+202E"),
        (vec!["--logo", &svg], 2, "logo: it must be a PNG, JPEG or WebP picture"),
        (vec!["--logo", &long], 2, "logo: it must be at most 128 KiB"),
        (vec!["--logo", &short], 2, "logo: "),
        (vec!["--logo", &wide], 2, "logo: it must be at most 2048 pixels wide and high"),
        (vec!["--logo", "nowhere.png"], 2, "the logo in nowhere.png cannot be read"),
        (vec!["--client", "nobody", "--name", "x"], 4, "there is no client \"nobody\""),
        (vec![], 2, "--name"),
    ] {
        let said = run(&folder.config, &[&["themes", "set"], arguments.as_slice()].concat());
        assert_eq!(said.code, code, "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains(why), "{arguments:?}: {}", said.stderr);
    }
    let themes = value(&folder.config, &["themes", "list"]);
    assert_eq!(themes, json!([{ "of": "server", "name": "Acme" }]), "nothing was changed");
    value(&folder.config, &["themes", "set", "--accent", "#0a1a4a", "--accent-dark", "#8fa8ff"]);
}
