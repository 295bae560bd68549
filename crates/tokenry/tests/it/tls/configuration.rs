//! `[tls]`: what is refused before anybody is served, and how it is told.

use std::fs;

use rstest::rstest;

use super::site::Site;
use crate::folder::{Folder, On};
use crate::process::{finish, run, tokenry};

#[test]
fn r31_a_good_pair_is_checked_without_a_word_about_it() {
    let site = Site::new();
    let said = site.run(&["config", "check"], &[]);
    assert_eq!((said.code, said.stderr.as_str()), (0, "The configuration is good.\n"));
}

#[test]
fn r31_a_pair_for_another_host_is_told_and_may_serve_behind_a_proxy() {
    let site = Site::new();
    site.install(&site.authority.issue("inner.example.com"));
    let said = site.run(&["config", "check"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("tls.cert: it is not for localhost"), "{said:?}");
}

#[rstest]
#[case::no_certificate("cert.pem", Some(""), "tls.cert: ", "there is no certificate in it")]
#[case::no_key("key.pem", Some("nonsense"), "tls.key: ", "there is no private key in it")]
#[case::missing_certificate("cert.pem", None, "tls.cert: ", "No such file")]
#[case::missing_key("key.pem", None, "tls.key: ", "No such file")]
#[test]
fn r31_a_file_that_does_not_serve_is_named(
    #[case] file: &str,
    #[case] text: Option<&str>,
    #[case] key: &str,
    #[case] says: &str,
) {
    let site = Site::new();
    match text {
        Some(text) => site.put(file, text),
        None => fs::remove_file(site.file(file)).unwrap(),
    }
    for command in [&["config", "check"][..], &["serve"]] {
        let said = site.run(command, &[]);
        assert_eq!(said.code, 2, "{said:?}");
        let named = site.file(file).display().to_string();
        assert!(
            said.stderr.contains(key) && said.stderr.contains(says) && said.stderr.contains(&named),
            "{said:?}"
        );
    }
    site.install(&site.authority.issue("localhost"));
    assert_eq!(site.run(&["config", "check"], &[]).code, 0);
}

#[test]
fn r31_a_key_of_another_certificate_is_refused() {
    let site = Site::new();
    site.put("key.pem", &site.authority.issue("localhost").key);
    let said = site.run(&["config", "check"], &[]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("does not belong to the first certificate"), "{said:?}");
}

#[test]
fn r31_a_key_that_others_can_read_is_refused() {
    let site = Site::new();
    site.open_to_others("key.pem");
    for command in [&["config", "check"][..], &["serve"]] {
        let said = site.run(command, &[]);
        assert_ne!(said.code, 0, "{said:?}");
        assert!(
            said.stderr.contains("can be read by other users") && said.stderr.contains("chmod 600"),
            "{said:?}"
        );
    }
}

#[rstest]
#[case("cert = \"tls/cert.pem\"", "key", "# key = \"x\"", "tls.key: it is missing")]
#[case("key = \"tls/key.pem\"", "cert", "# cert = \"x\"", "tls.cert: it is missing")]
#[test]
fn r31_half_a_pair_is_refused(
    #[case] _kept: &str,
    #[case] gone: &str,
    #[case] line: &str,
    #[case] says: &str,
) {
    let site = Site::new();
    site.folder.set(gone, line);
    let said = site.run(&["config", "check"], &[]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains(says), "{said:?}");
}

#[test]
fn r31_an_issuer_of_plain_http_does_not_go_with_tls() {
    let site = Site::new();
    let said = site.run(&["config", "check"], &[("TOKENRY_ISSUER", "http://127.0.0.1:8700")]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("issuer: ") && said.stderr.contains("https://"), "{said:?}");
}

#[test]
fn r31_metrics_stay_on_loopback_where_tls_is_spoken() {
    let site = Site::new();
    let said = site.run(&["config", "check"], &[("TOKENRY_METRICS_LISTEN", "0.0.0.0:8799")]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("metrics_listen: "), "{said:?}");
}

#[test]
fn r31_the_environment_names_the_pair() {
    let (site, folder) = (Site::new(), Folder::init(On::Sqlite));
    let [certificate, key] = ["cert.pem", "key.pem"].map(|file| site.file(file).display().to_string());
    let mut command = tokenry();
    command.args(["config", "print", "--output", "json", "--config"]).arg(&folder.config);
    command.envs([("TOKENRY_TLS_CERT", &certificate), ("TOKENRY_TLS_KEY", &key)]);
    let printed = finish(command).json();
    assert_eq!(printed["tls"], serde_json::json!({"cert": certificate, "key": key}));
    assert_eq!(run(&folder.config, &["config", "check"]).code, 0);
}

#[test]
fn leak_01_a_private_key_in_place_of_its_name_is_never_printed() {
    let site = Site::new();
    let file = site.file("key.pem").display().to_string();
    let secret = fs::read_to_string(&file).unwrap();
    let secret = secret.lines().nth(1).unwrap();
    for command in [&["config", "print"][..], &["config", "check"], &["serve"]] {
        let said = site.run(command, &[("TOKENRY_TLS_KEY_FILE", &file)]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains("tls.key: ") && said.stderr.contains("leave _FILE away"), "{said:?}");
        assert!(!said.stderr.contains(secret) && !said.stdout.contains(secret), "{said:?}");
    }
}
