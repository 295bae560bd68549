//! The database as operator commands find it on the host: configured, migrated, unlocked by its keyring.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokenry_clock::{Clock, SystemClock};
use tokenry_engine::keyring::{DataKey, MasterKeys, unlock};
use tokenry_engine::keys::{Keyholder, Schedule};
use tokenry_engine::mail::Notices;
use tokenry_engine::manage::{Manager, Means};
use tokenry_engine::{Reveal, SessionSettings, Settings};
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, ErrorStyle, MAX_TOKEN_TTL, Rng, SystemRng};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::Brand;
use tokenry_server::SameSite;
use tokenry_store::Store;
use tokenry_store::db::{DatabaseUrl, Db, Options};
use tokenry_store::migrate;
use zeroize::Zeroizing;

use crate::config::{self, Config, Ttl, quoted};
use crate::env;
use crate::failure::{Code, Failure, Result};
use crate::github::github_keys;

/// Under which name the database keeps its brand.
pub(crate) const BRAND: &str = "secrets.brand";

/// A database that this process may work on.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) master: MasterKeys,
    pub(crate) data_key: Arc<DataKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Host {
    /// Opens what the configuration names. Refuses a database that is not ready for this binary, and says what to do.
    pub(crate) async fn open(config_file: &Path) -> Result<Self> {
        let config = read_config(config_file)?;
        let db = open_database(&config).await?;
        migrate::check(&db).await.map_err(|error| unusable(&config, error))?;
        Self::unlock(config, Store::new(db)).await
    }

    /// Unlocks an open database with the configured keyring.
    pub(crate) async fn unlock(config: Config, store: Store) -> Result<Self> {
        let master = read_keyring(&config.keyring_file)?;
        let (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let data_key = Arc::new(unlock(&store, &master, clock.now(), &*rng).await?);
        keep_brand(&config.secrets.brand, &store).await?;
        Ok(Self { config, store, master, data_key, clock, rng })
    }

    /// What moves the signing keys on, for whoever runs this command.
    pub(crate) fn keyholder(self) -> Keyholder {
        Keyholder {
            store: self.store,
            data_key: self.data_key,
            rng: self.rng,
            access_token_ttl: self.config.tokens.access_token_ttl.duration(),
            actor: Actor::Operator,
        }
    }

    /// The management verbs, for whoever runs this command.
    pub(crate) fn manager(&self) -> Result<Manager> {
        let settings = settings(&self.config)?;
        let means = Means {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            brand: settings.brand,
            notices: Notices { data_key: Arc::clone(&self.data_key), issuer: settings.issuer },
        };
        let manager = Manager::new(means, Actor::Operator);
        Ok(manager.with_error_style(settings.error_style).with_reveal(settings.reveal))
    }
}

/// Refuses another brand than the database's secrets begin with: no API could call any more, and scanners would miss what
/// they are told to look for. The first one that it is opened with is its brand.
async fn keep_brand(brand: &str, store: &Store) -> Result {
    let unreadable = "the database cannot be read";
    let kept = match store.find_meta(BRAND).await.context(unreadable)? {
        Some(kept) => kept,
        None => store.put_meta_if_absent(BRAND, brand.as_bytes().to_vec()).await.context(unreadable)?,
    };
    brand_differs(brand, &kept).map_or(Ok(()), Err)
}

/// What is wrong, if the database's secrets begin with another brand than the configured one.
pub(crate) fn brand_differs(brand: &str, kept: &[u8]) -> Option<Failure> {
    if kept == brand.as_bytes() {
        return None;
    }
    let kept = String::from_utf8_lossy(kept).into_owned();
    let text = format!("secrets.brand: \"{brand}\" is not what the secrets in this database begin with");
    Some(
        Failure::new(Code::Usage, text)
            .hint(format!("brand = \"{kept}\" # in [secrets]; fixed once and for all by `init`")),
    )
}

/// Reads the configuration file with the environment over it.
pub(crate) fn read_config(file: &Path) -> Result<Config> {
    Ok(config::load(file, &env::read)?)
}

/// Where the configured database is.
pub(crate) fn database_url(config: &Config) -> Result<DatabaseUrl> {
    config.database.parse().map_err(|error| Failure::new(Code::Usage, format!("database: {error}")))
}

/// Opens the configured database, whatever its schema.
pub(crate) async fn open_database(config: &Config) -> Result<Db> {
    let url = database_url(config)?;
    let opened = Db::open(&url, Options::default()).await;
    Ok(opened.with_context(|| format!("the database {url} cannot be opened"))?)
}

/// Opens the configured database and brings its schema up to date.
pub(crate) async fn migrate_database(config: &Config) -> Result<Db> {
    let db = open_database(config).await?;
    migrate::migrate(&db).await.map_err(|error| unusable(config, error))?;
    Ok(db)
}

/// Why a database cannot be used as it is.
pub(crate) fn unusable(config: &Config, error: migrate::Error) -> Failure {
    anyhow::Error::from(error).context(masked(&config.database)).into()
}

/// A database's address without its password.
pub(crate) fn masked(database: &str) -> String {
    database.parse::<DatabaseUrl>().map_or_else(|_invalid| "…".to_owned(), |url| url.to_string())
}

/// Reads the master keys.
pub(crate) fn read_keyring(file: &Path) -> Result<MasterKeys> {
    refuse_open_to_others("the keyring", file)?;
    let text = fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
        let shown = file.display();
        Failure::new(Code::Failure, format!("the keyring {shown} cannot be read: {error}")).hint(
            "for a new database, `tokenry init` makes one; for an existing one, bring its own keyring here: \
             a new one would open nothing",
        )
    })?;
    let keys = MasterKeys::parse(&text).with_context(|| format!("the keyring {}", file.display()))?;
    Ok(keys)
}

/// A keyring or key that others on the host can read is theirs too.
pub(crate) fn refuse_open_to_others(what: &str, file: &Path) -> Result {
    use std::os::unix::fs::PermissionsExt;
    match fs::metadata(file) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            let text = format!("{what} {} can be read by other users of this host", file.display());
            Err(Failure::new(Code::Failure, text).hint(format!("chmod 600 {}", file.display())))
        }
        // Whether it is missing is for the reader to say.
        _ => Ok(()),
    }
}

/// How long an authorization can be refreshed at the most.
const MAX_REFRESH_TTL: Duration = Duration::from_secs(365 * 86_400);
/// Between what the longest lifetime of a personal access token may lie.
const SHORTEST_PAT_TTL: Duration = Duration::from_secs(86_400);
const LONGEST_PAT_TTL: Duration = Duration::from_secs(3_650 * 86_400);
/// How long a session lives at the most.
const MAX_SESSION_TTL: Duration = Duration::from_secs(365 * 86_400);
/// How long a spent refresh token may be repeated at the most (PEER-33).
const MAX_REFRESH_GRACE: Duration = Duration::from_secs(30);

/// What the engine acts on, from the configuration.
pub(crate) fn settings(config: &Config) -> Result<Settings> {
    let named = |value: &str, error: &dyn std::error::Error| format!("{}: {error}", quoted(value));
    let invalid = |key: &str, problem: String| Failure::new(Code::Usage, format!("{key}: {problem}"));
    Ok(Settings {
        issuer: config.issuer.clone(),
        namespace: Namespace::parse(&config.tokens.namespace)
            .map_err(|error| invalid("tokens.namespace", named(&config.tokens.namespace, &error)))?,
        access_token_ttl: access_token_ttl("tokens.access_token_ttl", &config.tokens.access_token_ttl)?,
        user_access_token_ttl: access_token_ttl(
            "tokens.user_access_token_ttl",
            &config.tokens.user_access_token_ttl,
        )?,
        refresh_idle_ttl: config.tokens.refresh_idle_ttl.duration(),
        refresh_ttl: at_most(
            "tokens.refresh_ttl",
            &config.tokens.refresh_ttl,
            MAX_REFRESH_TTL,
            "365d at most: then the user is asked again",
        )?,
        refresh_grace: at_most(
            "sessions.refresh_grace",
            &config.sessions.refresh_grace,
            MAX_REFRESH_GRACE,
            "30s at most: it is for answers that were lost on the way",
        )?,
        pat_max_ttl: pat_max_ttl(&config.tokens.pat_max_ttl)?,
        signing_alg: Algorithm::parse(&config.tokens.signing_alg).map_err(|_unknown| {
            // Which most have comes first, as wherever else they are listed.
            let mut known = Algorithm::ALL.map(Algorithm::as_str);
            known.reverse();
            no_word("tokens.signing_alg", &config.tokens.signing_alg, &known)
        })?,
        keys: schedule(config)?,
        error_style: error_style(config)?,
        brand: Brand::parse(&config.secrets.brand)
            .map_err(|error| invalid("secrets.brand", named(&config.secrets.brand, &error)))?,
        audit_keep: config.audit.keep.as_ref().map(Ttl::duration),
        limits: config.limits.guesses(),
        quota: config.limits.quota(),
        reveal: reveal(config)?,
        github_keys: github_keys(&config.leaks)?,
        sign_up: config.users.signup,
        deletion_grace: deletion_grace(config),
        sessions: session_settings(config)?,
    })
}

/// How long a personal access token may live at the most.
fn pat_max_ttl(ttl: &Ttl) -> Result<Duration> {
    let key = "tokens.pat_max_ttl";
    let longest = at_most(key, ttl, LONGEST_PAT_TTL, "3650d at most: every token expires")?;
    if longest >= SHORTEST_PAT_TTL {
        return Ok(longest);
    }
    let failure = Failure::new(Code::Usage, format!("{key}: {ttl} is too short"));
    Err(failure.hint("1d at least: people make them, not programs"))
}

/// How long somebody who has deleted their account may take that back; `None`: people do not delete theirs.
fn deletion_grace(config: &Config) -> Option<Duration> {
    let days = u64::from(config.users.deletion_grace_days);
    (days > 0).then(|| Duration::from_secs(days * 86_400))
}

/// Whether account secrets can be seen again.
fn reveal(config: &Config) -> Result<Reveal> {
    match config.secrets.reveal.as_str() {
        "once" => Ok(Reveal::Once),
        "reauth" => Ok(Reveal::Reauth),
        other => Err(no_word("secrets.reveal", other, &["once", "reauth"])),
    }
}

/// How long people stay signed in.
pub(crate) fn session_settings(config: &Config) -> Result<SessionSettings> {
    let sessions = &config.sessions;
    let (longest, hint) = (MAX_SESSION_TTL, "365d at most: browsers keep no cookie much longer");
    let ttl = at_most("sessions.ttl", &sessions.ttl, longest, hint)?;
    let hint = "it must not be longer than sessions.ttl";
    Ok(SessionSettings { idle_ttl: at_most("sessions.idle_ttl", &sessions.idle_ttl, ttl, hint)?, ttl })
}

/// When browsers send our cookies along with requests from other sites.
pub(crate) fn same_site(config: &Config) -> Result<SameSite> {
    match config.sessions.same_site.as_str() {
        "lax" => Ok(SameSite::Lax),
        "none" => Ok(SameSite::None),
        "strict" => Ok(SameSite::Strict),
        other => Err(no_word("sessions.same_site", other, &["lax", "strict", "none"])),
    }
}

/// The dialect of APIs that say nothing of it.
pub(crate) fn dialect(config: &Config) -> Result<Dialect> {
    Dialect::parse(&config.tokens.profile).map_err(|_unknown| no_profile(&config.tokens.profile))
}

/// The error style of clients that say nothing of it, and of strangers: profiles, dialects and styles have the same names.
fn error_style(config: &Config) -> Result<ErrorStyle> {
    ErrorStyle::parse(&config.tokens.profile).map_err(|_unknown| no_profile(&config.tokens.profile))
}

fn no_profile(word: &str) -> Failure {
    no_word("tokens.profile", word, &Dialect::ALL.map(Dialect::as_str))
}

/// The value of a key is not one of those that there are.
fn no_word(key: &str, word: &str, known: &[&str]) -> Failure {
    let meant = config::nearest(word, known.iter().copied());
    let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    Failure::new(Code::Usage, format!("{key}: {} is none of {}{meant}", quoted(word), known.join(", ")))
}

fn access_token_ttl(key: &str, ttl: &Ttl) -> Result<Duration> {
    let days = MAX_TOKEN_TTL.as_secs() / 86_400;
    at_most(key, ttl, MAX_TOKEN_TTL, &format!("{days}d at most: what was issued by mistake ends then"))
}

fn at_most(key: &str, ttl: &Ttl, most: Duration, hint: &str) -> Result<Duration> {
    if ttl.duration() <= most {
        return Ok(ttl.duration());
    }
    Err(Failure::new(Code::Usage, format!("{key}: {ttl} is too long")).hint(hint.to_owned()))
}

fn schedule(config: &Config) -> Result<Schedule> {
    let (rotate_every, publish_before) =
        (config.keys.rotate_every.duration(), config.keys.publish_before.duration());
    if publish_before < rotate_every {
        return Ok(Schedule { rotate_every, publish_before });
    }
    let text =
        "keys.publish_before: it must be shorter than keys.rotate_every, or no key is ever ready in time";
    Err(Failure::new(Code::Usage, text))
}
