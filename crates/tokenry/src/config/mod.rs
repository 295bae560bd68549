//! The configuration: one TOML file, an environment twin for every key, and errors that name key, value and remedy.

mod address;
mod environment;
mod flag;
mod keys;
mod limits;
mod load;
mod mail_url;
#[cfg(test)]
mod mistakes;
mod path;
mod proxies;
mod shown;
mod suggest;
mod template;
mod ttl;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use keys::{KEYS, Key};
pub(crate) use limits::Limits;
pub(crate) use load::{ConfigError, load, parse_in};
pub(crate) use mail_url::MailUrl;
pub(crate) use shown::quoted;
pub(crate) use suggest::nearest;
pub(crate) use template::template;
pub(crate) use ttl::Ttl;

/// What an operator sets. Relative paths are relative to the folder of the file.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The issuer identifier, used verbatim in every token: https, or http on loopback.
    pub(crate) issuer: String,
    /// Where the server listens.
    #[serde(default = "default_listen", deserialize_with = "address::socket")]
    pub(crate) listen: SocketAddr,
    /// Where metrics are served; absent: nowhere.
    #[serde(default, deserialize_with = "address::maybe_socket", skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`.
    #[serde(default = "default_database")]
    pub(crate) database: String,
    /// The master keys; the first wraps, all open. Never in the database's folder.
    #[serde(default = "default_keyring_file", deserialize_with = "path::of_one_file")]
    pub(crate) keyring_file: PathBuf,
    /// The networks whose proxies may speak plain HTTP to us; nobody but them and loopback is then answered.
    #[serde(default, deserialize_with = "proxies::networks")]
    #[schemars(with = "Vec<String>")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// The certificate to serve; without it plain HTTP.
    #[serde(default)]
    pub(crate) tls: Tls,
    /// What tokens say and how long they live.
    #[serde(default)]
    pub(crate) tokens: Tokens,
    /// How long sessions and refresh tokens live.
    #[serde(default)]
    pub(crate) sessions: Sessions,
    /// What secrets look like.
    #[serde(default)]
    pub(crate) secrets: Secrets,
    /// When signing keys change by themselves.
    #[serde(default)]
    pub(crate) keys: Keys,
    /// How often somebody may fail to authenticate.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// How long the audit trail is kept.
    #[serde(default)]
    pub(crate) audit: Audit,
    /// What this server may ask of others.
    #[serde(default)]
    pub(crate) outbound: Outbound,
    /// How mail is sent.
    #[serde(default)]
    pub(crate) mail: Mail,
    /// Who may have an account.
    #[serde(default)]
    pub(crate) users: Users,
    /// Who may report leaked credentials beside everybody.
    #[serde(default)]
    pub(crate) leaks: Leaks,
}

/// `[tls]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tls {
    /// A PEM file with the server's certificate and then those that vouch for it; empty: plain HTTP.
    #[serde(deserialize_with = "path::of_a_file")]
    pub(crate) cert: PathBuf,
    /// A PEM file with the certificate's private key, which only this server's user can read.
    #[serde(deserialize_with = "path::of_a_file")]
    pub(crate) key: PathBuf,
}

/// `[tokens]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tokens {
    /// The dialect of new APIs and the error style of new clients, and what strangers and discovery see: rfc or auth0.
    pub(crate) profile: String,
    /// The claim under which tokens carry `companyId`: an http(s) URL.
    pub(crate) namespace: String,
    /// How long access tokens live unless the API or the client says otherwise.
    pub(crate) access_token_ttl: Ttl,
    /// How long access tokens live that a user let a client have, unless the API or the client wants them shorter.
    pub(crate) user_access_token_ttl: Ttl,
    /// How long a refresh token lives that is not used.
    pub(crate) refresh_idle_ttl: Ttl,
    /// How long an authorization can be refreshed, however much it is used.
    pub(crate) refresh_ttl: Ttl,
    /// How long a personal access token may live at the most: 1d to 3650d.
    pub(crate) pat_max_ttl: Ttl,
    /// What access tokens are signed with unless the API says otherwise: RS256, PS256, ES256 or EdDSA.
    pub(crate) signing_alg: String,
    /// Where people may try a new personal access token, AUDIENCE URL each.
    pub(crate) try_at: Vec<String>,
}

/// `[sessions]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sessions {
    /// How long a session lives that is not used.
    pub(crate) idle_ttl: Ttl,
    /// How long it lives, however much it is used: 365d at most.
    pub(crate) ttl: Ttl,
    /// Whether browsers send its cookies when a link on another site leads here: lax or strict; none: that for APIs always.
    pub(crate) same_site: String,
    /// Origins whose pages may sign people in and read what they are answered.
    pub(crate) headless_origins: Vec<String>,
    /// The domain to whose hosts browsers send the cookie for APIs; empty: to the issuer's host alone.
    pub(crate) cookie_domain: String,
    /// Below which path they send it.
    pub(crate) cookie_path: String,
    /// For how long a spent refresh token gives the same successor again, while that is unused: 30s at most.
    pub(crate) refresh_grace: Ttl,
}

/// `[secrets]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Secrets {
    /// What every secret begins with, so that scanners find strays.
    pub(crate) brand: String,
    /// Whether developers can see the secret of their account again: reauth, having just signed in; once: never after it was made.
    pub(crate) reveal: String,
    /// The routes of APIs that take account secrets, METHOD URL each, for developers to see.
    pub(crate) taken_at: Vec<String>,
}

/// `[keys]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// How long a signing key signs.
    pub(crate) rotate_every: Ttl,
    /// How long the next one is published before the schedule lets it sign.
    pub(crate) publish_before: Ttl,
}

/// `[audit]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    /// How long records are kept after they were sealed; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Ttl>,
}

/// `[outbound]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outbound {
    /// Networks inside your own that may be connected to, for a client's `jwks_uri` or to tell it of a session that
    /// ended; otherwise only the public internet.
    #[serde(deserialize_with = "proxies::any_networks")]
    #[schemars(with = "Vec<String>")]
    pub(crate) allowed_networks: Vec<IpNet>,
    /// A PEM file with authorities to trust beside the system's; empty: none.
    #[serde(deserialize_with = "path::of_a_file")]
    pub(crate) ca_file: PathBuf,
}

/// `[mail]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    /// The mail server, `smtps://USER:PASSWORD@HOST`; `smtp://` with STARTTLS, or on loopback. Empty: no mail is sent.
    pub(crate) url: MailUrl,
    /// From whom mail comes: `Example <no-reply@example.com>`.
    pub(crate) from: String,
}

/// `[users]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Users {
    /// Whether anybody who proves an e-mail address may make an account, at `/signup`.
    #[serde(deserialize_with = "flag::flag")]
    pub(crate) signup: bool,
    /// For how many days an account that its owner has deleted can be kept, 365 at most; 0: people do not delete theirs.
    #[serde(deserialize_with = "limits::days")]
    #[schemars(range(max = 365))]
    pub(crate) deletion_grace_days: u32,
}

/// `[leaks]`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Leaks {
    /// Whether GitHub's secret scanning may report leaked credentials, at `/leaks/github`.
    #[serde(deserialize_with = "flag::flag")]
    pub(crate) github: bool,
    /// Where it publishes the keys that it signs its reports with: https, or http on loopback.
    pub(crate) github_keys: String,
}

impl Default for Leaks {
    fn default() -> Self {
        Self {
            github: false,
            github_keys: "https://api.github.com/meta/public_keys/secret_scanning".to_owned(),
        }
    }
}

impl Default for Users {
    fn default() -> Self {
        Self { signup: false, deletion_grace_days: 30 }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            profile: "rfc".to_owned(),
            namespace: "https://auth.example.com/metadata".to_owned(),
            access_token_ttl: Ttl::from_hours(24),
            user_access_token_ttl: Ttl::from_minutes(15),
            refresh_idle_ttl: Ttl::from_days(30),
            refresh_ttl: Ttl::from_days(90),
            pat_max_ttl: Ttl::from_days(366),
            signing_alg: "RS256".to_owned(),
            try_at: Vec::new(),
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle_ttl: Ttl::from_hours(12),
            ttl: Ttl::from_days(30),
            same_site: "lax".to_owned(),
            headless_origins: Vec::new(),
            cookie_domain: String::new(),
            cookie_path: "/".to_owned(),
            refresh_grace: Ttl::from_secs(10),
        }
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self { brand: "tokenry".to_owned(), reveal: "reauth".to_owned(), taken_at: Vec::new() }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { rotate_every: Ttl::from_days(90), publish_before: Ttl::from_hours(24) }
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8700))
}

fn default_database() -> String {
    "sqlite:data/tokenry.db".to_owned()
}

fn default_keyring_file() -> PathBuf {
    PathBuf::from("keyring/master.keys")
}
