//! What the rest of the documentation tells to paste is pasted into bash, and what it shows of other files is what they are.

use std::fs;
use std::path::Path;

use crate::guides::{Demo, page, statuses, until};
use crate::process::{Said, finish, tokenry};
use crate::readme::shell_blocks;

/// Every page whose shell lines a test pastes, here, in `guides.rs` or in `backup/guides.rs`.
const PASTED: [&str; 20] = [
    "concepts/opaque-to-its-client",
    "concepts/revocation",
    "concepts/roles",
    "concepts/tenants",
    "concepts/which-flow",
    "guides/account-secret",
    "guides/add-a-partner",
    "guides/backup",
    "guides/client-keys",
    "guides/from-auth0",
    "guides/leaked-key",
    "guides/leaks",
    "guides/people",
    "guides/personal-access-tokens",
    "guides/rotate-a-secret",
    "guides/rotate-keys",
    "guides/sign-out",
    "guides/themes",
    "guides/to-postgres",
    "tutorial/protect-an-api",
];

/// Pastes all of a page, which must go through.
fn paste(demo: &Demo, name: &str) -> Said {
    assert!(PASTED.contains(&name));
    let said = demo.paste(&shell_blocks(&page(name)).concat());
    assert_eq!(said.code, 0, "{name}: {said:?}");
    said
}

/// The pages of the documentation, with their names: `guides/client-keys`.
fn pages() -> Vec<(String, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut pages = Vec::new();
    for folder in ["concepts", "guides", "guides/verify", "reference", "tutorial"] {
        for file in fs::read_dir(docs.join(folder)).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "md") {
                let name = format!("{folder}/{}", file.file_stem().unwrap().display());
                pages.push((name, fs::read_to_string(&file).unwrap()));
            }
        }
    }
    pages
}

#[test]
fn r06_a_partner_is_added_and_removed() {
    let said = paste(&Demo::start(), "guides/add-a-partner");
    assert_eq!(statuses(&said), ["200", "403", "403", "401"], "{said:?}");
    assert_eq!(said.stdout.matches("\"tenant_mismatch\"").count(), 1, "{said:?}");
    assert_eq!(said.stdout.matches("\"insufficient_scope\"").count(), 1, "{said:?}");
}

#[test]
fn r18_a_secret_is_rotated_without_a_refused_request() {
    let said = paste(&Demo::start(), "guides/rotate-a-secret");
    assert_eq!(statuses(&said), ["200", "200", "401", "200"], "{said:?}");
}

#[test]
fn keys_are_rotated_and_nobody_notices() {
    let said = paste(&Demo::start(), "guides/rotate-keys");
    assert_eq!(statuses(&said), ["200", "200"], "{said:?}");
}

#[test]
fn a_key_that_leaked_is_taken_out_of_use() {
    let demo = Demo::start();
    let said = paste(&demo, "guides/leaked-key");
    assert_eq!(statuses(&said), ["200", "401", "200"], "{said:?}");
    assert!(said.stdout.contains("token.issued"), "the audit is shown: {said:?}");
}

#[test]
fn r21_what_leaked_is_reported_and_dead() {
    let said = paste(&Demo::start(), "guides/leaks");
    assert_eq!(statuses(&said), ["200", "202", "401"], "{said:?}");
    assert!(said.stdout.contains("credential.leaked"), "{said:?}");
}

#[test]
fn r77_r78_r84_a_personal_access_token_is_made_replaced_and_revoked_by_a_program() {
    let said = paste(&Demo::start(), "guides/personal-access-tokens");
    let answers: Vec<_> = said.stdout.lines().filter(|line| line.starts_with("{\"active\":")).collect();
    let lives: Vec<_> = answers.iter().map(|answer| answer.starts_with("{\"active\":true")).collect();
    assert_eq!(lives, [true, false, true, false], "{said:?}");
    assert!(answers[0].contains("\"scope\":\"read:timesheets\""), "{said:?}");
    assert!(
        said.stdout.contains("\"state\":\"works\"") && said.stdout.contains("\"propagated\":true"),
        "{said:?}"
    );
    assert_eq!(statuses(&said), ["204"], "{said:?}");
}

#[test]
fn r96_r98_r103_a_developers_secret_is_seen_used_rotated_and_revoked() {
    let said = paste(&Demo::start(), "guides/account-secret");
    assert_eq!(statuses(&said), ["200", "401", "401", "200", "200", "401", "401"], "{said:?}");
    assert!(said.stdout.lines().any(|line| line == "{\"active\":false}"), "{said:?}");
    assert!(said.stdout.lines().any(|line| line == "{\"propagated\":true}"), "{said:?}");
    assert!(
        !said.stdout.contains("tokenry_as_0") && said.stdout.contains("\"prefix\":\"tokenry_as_\""),
        "{said:?}"
    );
}

#[test]
fn r52_the_four_roles_are_shown() {
    let said = paste(&Demo::start(), "concepts/roles");
    for expected in ["https://timesheets.example.com", "m2m", "\"iss\"", "\"company"] {
        assert!(said.stdout.contains(expected), "{expected}: {said:?}");
    }
}

#[test]
fn r64_an_access_token_is_opaque_to_its_client() {
    let said = paste(&Demo::start(), "concepts/opaque-to-its-client");
    assert!(said.stdout.lines().any(|line| line == "43"), "{said:?}");
    assert!(said.stdout.contains("\"active\":true") && said.stdout.contains("read:payroll"), "{said:?}");
}

#[test]
fn r51_the_kind_of_application_sets_the_flow() {
    let said = paste(&Demo::start(), "concepts/which-flow");
    assert!(said.stdout.contains("\"unsupported_grant_type\""), "{said:?}");
}

#[test]
fn r26_a_corporation_reaches_its_companies_and_can_be_narrowed() {
    let demo = Demo::start();
    let all = shell_blocks(&page("concepts/tenants")).concat();
    let (before, calls) = all.split_at(all.find("sheets $(token) initech ").unwrap());
    // The guard has two seconds to hear of a new company.
    let heard = until("[ $(sheets $(token) initech-labs) = 200 ]");
    let said = demo.paste(&[before, &heard, calls].concat());
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(statuses(&said), ["200", "200", "403", "403"], "{said:?}");
    assert!(said.stdout.contains("\"invalid_target\""), "{said:?}");
}

#[test]
fn every_page_that_tells_to_paste_is_pasted() {
    let pages = pages();
    assert!(pages.len() > 20, "the pages are found");
    let mut telling: Vec<_> =
        pages.iter().filter(|(_name, text)| text.contains("```sh")).map(|(name, _text)| name).collect();
    telling.sort();
    assert_eq!(telling, PASTED);
}

#[test]
fn r19_no_page_has_a_secret_in_it() {
    for (name, text) in pages() {
        for brand in ["_cs_", "_rs_", "_pat_", "_as_", "_rt_"] {
            for after in text.split(brand).skip(1) {
                let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
                assert!(length < 20, "{name}: {brand}{}", &after[..length]);
            }
        }
        for after in text.split("client_secret=").skip(1) {
            assert!(after.starts_with('$'), "{name}: a secret that is not from the environment");
        }
    }
}

#[test]
fn the_page_on_nginx_shows_the_files_as_they_are() {
    let page = page("guides/nginx");
    let block = |language: &str| {
        let (_before, block) = page.split_once(&format!("```{language}\n")).unwrap();
        block.split("```").next().unwrap().to_owned()
    };
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx.conf");
    assert_eq!(block("nginx"), fs::read_to_string(site).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tokenry.toml");
    fs::write(&config, block("toml")).unwrap();
    let mut check = tokenry();
    check.args(["config", "check", "--config"]).arg(&config);
    let said = finish(check);
    assert_eq!(said.code, 0, "{said:?}");
}
