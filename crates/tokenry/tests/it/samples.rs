//! The samples that find credentials: what they say is held against credentials of each kind, and against what only looks alike.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use tokenry_protocol::secret::{Brand, SecretKind, Shape, issue, shape};

use crate::process::{Said, finish};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)
}

/// One of each kind, of several values: the smallest, the largest, and what lies between.
fn real() -> Vec<String> {
    let entropies = [[0; 32], [7; 32], [0x5a; 32], [255; 32]];
    let of = |entropy: [u8; 32]| SecretKind::ALL.map(|kind| issue(&Brand::default(), kind, &entropy));
    entropies.into_iter().flat_map(of).map(|secret| secret.expose().to_owned()).collect()
}

/// What no scanner should stop anybody for.
fn alike() -> Vec<String> {
    let whole = &real()[5];
    let (prefix, digits) = whole.split_at(whole.rfind('_').unwrap() + 1);
    vec![
        whole[..whole.len() - 1].to_owned(),
        format!("{whole}0"),
        format!("{whole}_"),
        format!("my{whole}"),
        format!("_{whole}"),
        whole.to_uppercase(),
        format!("{prefix}{}-", &digits[1..]),
        format!("tokenry_xx_{digits}"),
        format!("tokenry__{digits}"),
        format!("tokenry-cs-{digits}"),
        format!("github_pat_{digits}"),
        "tokenry_cs_…".to_owned(),
        "tokenry_pat_0123456789".to_owned(),
    ]
}

fn rule() -> toml::Table {
    let text = fs::read_to_string(sample("gitleaks.toml")).unwrap();
    let mut config: toml::Table = text.parse().unwrap();
    let rules = config.remove("rules").unwrap();
    rules.as_array().unwrap()[0].as_table().unwrap().clone()
}

#[test]
fn r21_the_gitleaks_rule_finds_every_kind_and_nothing_alike() {
    let rule = rule();
    let regex = Regex::new(rule["regex"].as_str().unwrap()).unwrap();
    let keywords: Vec<_> =
        rule["keywords"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for secret in real() {
        assert!(matches!(shape(&Brand::default(), &secret), Shape::Branded(_)));
        for line in [
            secret.clone(),
            format!("TOKEN=\"{secret}\","),
            format!("https://a:{secret}@b/"),
            format!("-{secret}."),
        ] {
            let found: Vec<_> = regex.find_iter(&line).map(|found| found.as_str()).collect();
            assert_eq!(found, [secret.as_str()], "{line}");
            assert!(
                keywords.iter().any(|keyword| line.contains(keyword)),
                "gitleaks looks at no other lines"
            );
        }
    }
    for text in alike() {
        assert!(!regex.is_match(&text), "{text}");
    }
}

#[test]
fn every_kind_that_there_is_is_in_the_samples() {
    let mut codes: Vec<_> = SecretKind::ALL.iter().map(|kind| kind.code()).collect();
    codes.sort_unstable();
    let all = format!("({})_[0-9A-Za-z]{{49}}", codes.join("|"));
    let hook = fs::read_to_string(sample("pre-commit")).unwrap();
    assert!(hook.contains(&format!("'tokenry_{all}'")), "{hook}");
    let regex = rule()["regex"].as_str().unwrap().to_owned();
    assert_eq!(regex, format!("\\btokenry_(?:{}\\b", &all[1..]));
}

/// A repository with the hook.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        assert_eq!(repository.git(&["init", "-q"]).code, 0);
        let hook = repository.0.path().join(".git/hooks/pre-commit");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::copy(sample("pre-commit"), &hook).unwrap();
        assert_eq!(hook.metadata().unwrap().permissions().mode() & 0o111, 0o111, "it can be executed");
        repository
    }

    fn git(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        command
            .current_dir(self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        finish(command)
    }

    fn commit(&self, file: &str, content: &[u8]) -> Said {
        fs::write(self.0.path().join(file), content).unwrap();
        assert_eq!(self.git(&["add", "-A"]).code, 0);
        self.git(&["commit", "-q", "-m", "x"])
    }
}

#[test]
fn r21_a_commit_that_adds_a_credential_is_refused() {
    let repository = Repository::new();
    let before = repository.commit("notes.txt", alike().join("\n").as_bytes());
    assert_eq!((before.code, before.stderr.as_str()), (0, ""), "what only looks alike is nobody's business");
    for secret in real() {
        let refused = repository.commit("config.env", format!("A=1\nTOKEN={secret}\n").as_bytes());
        assert_eq!(refused.code, 1, "{refused:?}");
        let (kind, last4) = (&secret[..=secret.rfind('_').unwrap()], &secret[secret.len() - 4..]);
        assert!(refused.stderr.contains(&format!("{kind}…{last4}")), "{refused:?}");
        assert!(
            !refused.stderr.contains(&secret) && !refused.stdout.contains(&secret),
            "it is not said again"
        );
    }
    let binary = [b"\0\x01", real()[0].as_bytes(), b"\0\n"].concat();
    assert_eq!(repository.commit("data.bin", &binary).code, 1, "nor within a file that is no text");
    fs::remove_file(repository.0.path().join("data.bin")).unwrap();
    let clean = repository.commit("config.env", b"A=1\n");
    assert_eq!((clean.code, clean.stderr.as_str()), (0, ""));
    // What is there already can be taken out.
    let leaked = format!("TOKEN={}\n", real()[0]);
    fs::write(repository.0.path().join("old.env"), &leaked).unwrap();
    assert_eq!(repository.git(&["add", "-A"]).code, 0);
    assert_eq!(repository.git(&["commit", "-q", "-m", "x", "--no-verify"]).code, 0);
    assert_eq!(repository.commit("old.env", b"TOKEN=\n").code, 0);
}
