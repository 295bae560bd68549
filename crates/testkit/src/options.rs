//! How a test wants its Tokenry.

use std::time::Duration;

use ipnet::IpNet;
use tokenry_engine::{GuessLimits, Reveal};
use tokenry_jose::Algorithm;
use tokenry_model::{ErrorStyle, MintQuota};
use tokenry_server::serve::Limits;
use tokenry_server::{Headless, HostPolicy, SameSite, SmtpSettings};

use crate::app::settings;
use crate::database::Engine;

/// How a test wants its Tokenry.
#[derive(Clone, Debug)]
pub struct Options {
    /// On which database.
    pub database: Engine,
    /// Which hosts it answers to.
    pub hosts: HostPolicy,
    /// How it serves.
    pub limits: Limits,
    /// What it signs with unless an API says otherwise.
    pub signing_alg: Algorithm,
    /// Which networks of our own it may connect to.
    pub allowed_networks: Vec<IpNet>,
    /// How it refuses those whom it does not know.
    pub error_style: ErrorStyle,
    /// How often somebody may fail: as they like, because all of a test come from one address in one minute.
    pub guesses: GuessLimits,
    /// How many tokens a client may get.
    pub quota: MintQuota,
    /// What it calls its host, where it says no other name: an address has no passkeys, `localhost` has.
    pub host: &'static str,
    /// What it calls itself; `None`: where it listens.
    pub issuer: Option<String>,
    /// Whether account secrets can be seen again.
    pub reveal: Reveal,
    /// Where GitHub publishes the keys of its reports of leaks; `None`: those are not taken.
    pub github_keys: Option<String>,
    /// Whether people may make accounts of their own.
    pub sign_up: bool,
    /// How long somebody who has deleted their account may take that back; `None`: people do not delete theirs.
    pub deletion_grace: Option<Duration>,
    /// How user interfaces of others work with its sessions.
    pub headless: Headless,
    /// Which requests from other sites bring its cookies along.
    pub same_site: SameSite,
    /// The routes of APIs that take account secrets, as developers see them.
    pub secret_routes: Vec<String>,
    /// Which mail server it sends by; `None`: it sends no mail.
    pub smtp: Option<SmtpSettings>,
    /// By which name it speaks TLS, with a certificate of an authority of its own; `None`: it speaks none.
    pub tls: Option<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: Engine::Sqlite,
            hosts: HostPolicy::Public,
            limits: Limits::default(),
            signing_alg: Algorithm::Rs256,
            allowed_networks: Vec::new(),
            error_style: ErrorStyle::Rfc,
            guesses: GuessLimits::NONE,
            quota: MintQuota::default(),
            host: "127.0.0.1",
            issuer: None,
            github_keys: None,
            sign_up: false,
            reveal: Reveal::default(),
            deletion_grace: Some(Duration::from_secs(30 * 86_400)),
            headless: Headless::default(),
            same_site: SameSite::Lax,
            secret_routes: Vec::new(),
            smtp: None,
            tls: None,
        }
    }
}

impl Options {
    pub(crate) fn settings(&self, issuer: &str) -> tokenry_engine::Settings {
        let of_all = settings(issuer, self.signing_alg);
        let (limits, quota, error_style) = (self.guesses, self.quota, self.error_style);
        let (sign_up, deletion_grace) = (self.sign_up, self.deletion_grace);
        let (reveal, github_keys) = (self.reveal, self.github_keys.clone());
        tokenry_engine::Settings {
            limits,
            quota,
            error_style,
            github_keys,
            reveal,
            sign_up,
            deletion_grace,
            ..of_all
        }
    }
}
