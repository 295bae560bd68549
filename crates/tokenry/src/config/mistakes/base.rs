//! A good configuration with every key set, to make mistakes in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::PASSWORD;
use crate::config::keys::KEYS;
use crate::config::template;

/// The configuration and the files that it names.
pub(super) struct Base {
    pub(super) folder: TempDir,
    pub(super) text: String,
}

/// What a key's value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Address,
    Database,
    Domain,
    Duration,
    File,
    Flag,
    Mail,
    Networks,
    Number,
    Origins,
    Path,
    Profile,
    Reveal,
    Routes,
    SameSite,
    Sender,
    Text,
    Trials,
    Url,
    Word,
}

/// What the value of a key is. A new key has to be added here, or no mistake is made in it.
pub(super) fn kind(path: &str) -> Kind {
    match path {
        "listen" | "metrics_listen" => Kind::Address,
        "database" => Kind::Database,
        "tokens.access_token_ttl"
        | "tokens.user_access_token_ttl"
        | "tokens.refresh_idle_ttl"
        | "tokens.pat_max_ttl"
        | "tokens.refresh_ttl"
        | "sessions.idle_ttl"
        | "sessions.ttl"
        | "sessions.refresh_grace"
        | "keys.rotate_every"
        | "keys.publish_before"
        | "audit.keep" => Kind::Duration,
        "keyring_file" | "tls.cert" | "tls.key" | "outbound.ca_file" => Kind::File,
        "leaks.github" | "users.signup" => Kind::Flag,
        "mail.from" => Kind::Sender,
        "mail.url" => Kind::Mail,
        "trusted_proxies" | "outbound.allowed_networks" => Kind::Networks,
        "limits.failures_per_client"
        | "limits.names_per_address"
        | "limits.refused_per_address"
        | "limits.tokens_per_hour"
        | "limits.tokens_per_day"
        | "users.deletion_grace_days" => Kind::Number,
        "secrets.brand" => Kind::Text,
        "secrets.reveal" => Kind::Reveal,
        "secrets.taken_at" => Kind::Routes,
        "issuer" | "leaks.github_keys" | "tokens.namespace" => Kind::Url,
        "tokens.profile" => Kind::Profile,
        "sessions.cookie_domain" => Kind::Domain,
        "sessions.cookie_path" => Kind::Path,
        "sessions.headless_origins" => Kind::Origins,
        "sessions.same_site" => Kind::SameSite,
        "tokens.try_at" => Kind::Trials,
        "tokens.signing_alg" => Kind::Word,
        other => panic!("{other} has no kind"),
    }
}

impl Kind {
    /// Whether there may be several.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Networks | Self::Origins | Self::Routes | Self::Trials)
    }
}

impl Base {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["id.example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::create_dir(folder.path().join("tls")).unwrap();
        for (name, text) in [
            ("fullchain.pem", certificate.pem()),
            ("privkey.pem", key.serialize_pem()),
            ("authority.pem", certificate.pem()),
        ] {
            let file = folder.path().join("tls").join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let replaced = [
            ("issuer", "issuer = \"https://id.example.com\"".to_owned()),
            ("database", format!("database = \"postgres://app:{PASSWORD}@db.example/tokenry\"")),
            ("mail.url", format!("url = \"smtps://app:{PASSWORD}@mail.example.com\"")),
            ("outbound.ca_file", "ca_file = \"tls/authority.pem\"".to_owned()),
        ];
        let text = template(&replaced);
        let uncommented = |line: &str| match line.strip_prefix("# ") {
            Some(bare) if KEYS.iter().any(|key| key.example == line) => bare.to_owned(),
            _ => line.to_owned(),
        };
        let lines: Vec<_> = text.lines().map(uncommented).collect();
        Self { folder, text: lines.join("\n") + "\n" }
    }

    /// The text with another line in the place of a key's.
    pub(super) fn with_line(&self, path: &str, line: &str) -> String {
        let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
        let (mut here, mut replaced, mut lines) = ("", 0, Vec::new());
        for old in self.text.lines() {
            if let Some(begun) = old.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                here = begun;
            }
            if here == section && old.starts_with(&format!("{name} = ")) {
                replaced += 1;
                lines.push(line);
            } else {
                lines.push(old);
            }
        }
        assert_eq!(replaced, 1, "{path} in {}", self.text);
        lines.join("\n") + "\n"
    }

    /// The text with another value of a key, as TOML writes it.
    pub(super) fn with(&self, path: &str, value: &str) -> String {
        let name = path.rsplit('.').next().unwrap_or_default();
        self.with_line(path, &format!("{name} = {value}"))
    }

    /// The line of a key.
    pub(super) fn line(&self, path: &str) -> String {
        let name = path.rsplit('.').next().unwrap_or_default();
        let section = path.rsplit_once('.').map_or("", |(section, _name)| section);
        let from = match section {
            "" => 0,
            section => self.text.find(&format!("[{section}]")).unwrap(),
        };
        let found =
            self.text.get(from..).unwrap().lines().find(|line| line.starts_with(&format!("{name} = ")));
        found.unwrap().to_owned()
    }
}

#[test]
fn the_base_is_good_and_has_every_key() {
    let base = Base::new();
    assert_eq!(super::said(&base, &base.text, &|_name| None), None);
    for key in KEYS {
        kind(key.path);
        assert!(base.line(key.path).contains(" = "));
    }
}
