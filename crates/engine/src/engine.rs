//! The engine: storage, keys, clock and randomness behind the verbs, and the work that goes on between requests.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokenry_clock::Clock;
use tokenry_jose::Algorithm;
use tokenry_model::{Actor, ClientAuthMethod, ErrorStyle, GrantType, LastUse, Rng, SecretId};
use tokenry_protocol::discovery::{JWKS_PATH, Metadata, TOKEN_PATH, USERINFO_PATH};
use tokenry_store::{Error as StoreError, Store};

use crate::audit::{AuditKey, AuditKeyError, Health, Sealer};
use crate::client_auth::ALGORITHMS;
use crate::client_keys::KeyCache;
use crate::guard::Feed;
use crate::keyring::{DataKey, KeyringError, MasterKeys, unlock};
use crate::keys::{ActiveKey, Keyholder, Keys, KeysError, provision};
use crate::leaks::Leaks;
use crate::limits::Limits;
use crate::logout::Logouts;
use crate::mail::Mailing;
use crate::minting::Minting;
use crate::passkeys::RelyingParty;
use crate::policy::user_claims;
use crate::quotas::Quotas;
use crate::refusal::Refusal;
use crate::refusals::Refusals;
use crate::session::{CsrfKey, SessionKeys};
use crate::settings::Settings;
use crate::slow_hash::SlowHash;
use crate::themes::Themes;
use crate::usage::Usage;

/// How often other processes' changes are looked for.
const POLL_EVERY: Duration = Duration::from_millis(500);
/// How often expired rows are removed: every minute.
const POLLS_A_SWEEP: u32 = 120;
/// How many counters are written in one transaction, which has seconds for it.
const MAX_RECORDED: usize = 100;
/// How often counters are written: every second poll.
const POLLS_A_FLUSH: u32 = 2;

/// The engine cannot start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The key that signs the audit trail cannot be used.
    #[error(transparent)]
    AuditKey(#[from] AuditKeyError),
    /// The database is locked with another keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The signing keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// How the pages look cannot be read.
    #[error("the themes cannot be read")]
    Themes(#[source] StoreError),
}

/// The server cannot do its work now. Says what, never where.
#[derive(Debug, Error)]
pub enum NotReady {
    /// Audit records cannot be written, so nothing that must be recorded can be done.
    #[error("audit records cannot be written")]
    Audit,
    /// There is no key to sign with.
    #[error("no signing key is active")]
    NoKey,
    /// The database does not answer.
    #[error("the database does not answer")]
    Store(#[source] StoreError),
}

/// Everything that decides.
#[derive(Debug)]
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) data_key: Arc<DataKey>,
    pub(crate) keys: Keys,
    pub(crate) session_keys: SessionKeys,
    pub(crate) csrf_key: CsrfKey,
    pub(crate) slow_hash: SlowHash,
    pub(crate) refusals: Refusals,
    pub(crate) usage: Usage<SecretId>,
    /// By the `jti` of their values.
    pub(crate) pat_usage: Usage<String, LastUse>,
    pub(crate) account_secret_usage: Usage<String, LastUse>,
    pub(crate) audit_key: Arc<AuditKey>,
    pub(crate) audit_health: Health,
    pub(crate) sealer: tokio::sync::Mutex<Sealer>,
    pub(crate) limits: Limits,
    pub(crate) quotas: Quotas,
    pub(crate) minting: Minting,
    pub(crate) key_cache: KeyCache,
    pub(crate) feed: Feed,
    pub(crate) leaks: Leaks,
    pub(crate) logouts: Logouts,
    pub(crate) mailing: Mailing,
    /// None where there are no passkeys.
    pub(crate) passkeys: Option<RelyingParty>,
    pub(crate) themes: Themes,
    metadata: Metadata,
}

impl Engine {
    /// Unlocks the database and loads the keys, making what a new database lacks.
    ///
    /// # Errors
    /// When the keyring is another database's, a key cannot be opened, or the database fails.
    pub async fn open(
        store: Store,
        master: &MasterKeys,
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, OpenError> {
        let now = clock.now();
        let data_key = Arc::new(unlock(&store, master, now, &*rng).await?);
        let keys = Keys::open(&store, Arc::clone(&data_key), settings.signing_alg, now, &*rng).await?;
        let session_keys = SessionKeys::open(&store, Arc::clone(&data_key), now, &*rng).await?;
        let csrf_key = CsrfKey::open(&store, &data_key, &*rng).await?;
        let parallel = std::thread::available_parallelism().map_or(1, usize::from);
        let slow_hash = SlowHash::new(parallel.div_ceil(2), &*rng);
        let metadata = describe(&settings.issuer);
        let passkeys = RelyingParty::of(&settings.issuer);
        let audit_key = Arc::new(AuditKey::open(&store, &data_key, now, &*rng).await?);
        let sealer = Sealer::new(store.clone(), Arc::clone(&audit_key), Arc::clone(&clock));
        let limits = Limits::new(settings.limits);
        let themes = Themes::open(&store).await.map_err(OpenError::Themes)?;
        let quotas = Quotas::new(settings.quota);
        Ok(Self {
            store,
            settings,
            clock,
            rng,
            data_key,
            keys,
            session_keys,
            csrf_key,
            slow_hash,
            refusals: Refusals::default(),
            usage: Usage::default(),
            pat_usage: Usage::default(),
            account_secret_usage: Usage::default(),
            audit_key,
            audit_health: Health::default(),
            sealer: tokio::sync::Mutex::new(sealer),
            limits,
            quotas,
            minting: Minting::default(),
            key_cache: KeyCache::default(),
            feed: Feed::default(),
            leaks: Leaks::default(),
            logouts: Logouts::default(),
            mailing: Mailing::default(),
            passkeys,
            themes,
            metadata,
        })
    }

    /// The issuer identifier, verbatim.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// How refusals look to whom this server does not know.
    #[must_use]
    pub const fn error_style(&self) -> ErrorStyle {
        self.settings.error_style
    }

    /// What discovery says (RFC 8414, OpenID Connect Discovery 1.0).
    #[must_use]
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The published keys as a JSON document (RFC 7517 §5).
    #[must_use]
    pub fn jwks(&self) -> Arc<[u8]> {
        self.keys.jwks()
    }

    /// Whether the server can do its work now.
    ///
    /// # Errors
    /// What it lacks.
    pub async fn ready(&self) -> Result<(), NotReady> {
        self.store.db().ping().await.map_err(|error| NotReady::Store(error.into()))?;
        if self.audit_health.failing_since().is_some() {
            return Err(NotReady::Audit);
        }
        self.keys.active(self.settings.signing_alg).map(|_key| ()).ok_or(NotReady::NoKey)
    }

    /// Writes counters and follows other processes' changes until `until` is ready; writes once more before it returns.
    pub async fn run(self: Arc<Self>, until: impl Future<Output = ()>) {
        tokio::select! {
            () = self.tend(until) => {}
            never = self.follow_guard_events() => match never {},
            never = Box::pin(self.tend_limits()) => match never {},
            never = self.tend_audit() => match never {},
            never = self.tend_mail() => match never {},
            never = self.tend_logouts() => match never {},
            never = self.tend_leaks() => match never {},
            never = self.tend_usage() => match never {},
        }
        self.settle_leaks().await;
        self.feed.farewell().await;
        self.refusals.hold_nothing_back();
        self.flush().await;
        self.write_last_uses().await;
        self.share_limits().await;
        self.give_back_quotas().await;
        self.settle_mail().await;
        self.seal_last_audit().await;
    }

    async fn tend(&self, until: impl Future<Output = ()>) {
        let mut until = pin!(until);
        let mut ticks = tokio::time::interval(POLL_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut seen = None;
        for tick in 1_u32.. {
            tokio::select! {
                () = &mut until => break,
                _instant = ticks.tick() => {}
            }
            if tick % POLLS_A_FLUSH == 0 {
                self.flush().await;
            }
            self.follow(&mut seen).await;
            if tick % POLLS_A_SWEEP == 0 {
                self.sweep_all().await;
            }
            self.tend_keys().await;
        }
    }

    async fn sweep_all(&self) {
        if let Err(error) = self.sweep().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "expired rows could not be removed");
        }
        if let Err(error) = self.warn_of_expiring_pats(self.clock.now()).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "owners of expiring personal access tokens could not be told");
        }
        if let Err(error) = self.remove_session_keys(self.clock.now()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "session keys could not be removed");
        }
    }

    /// The key that signs with `algorithm`; makes it if no process has yet.
    pub(crate) async fn signing_key(&self, algorithm: Algorithm) -> Result<Arc<ActiveKey>, Refusal> {
        if let Some(key) = self.keys.active(algorithm) {
            return Ok(key);
        }
        let prepared = async {
            provision(&self.store, &self.data_key, algorithm, self.clock.now(), &*self.rng).await?;
            self.feed.wake();
            self.keys.reload(&self.store, self.clock.now()).await
        };
        prepared.await.map_err(no_keys)?;
        self.keys.active(algorithm).ok_or_else(|| Refusal::unavailable("no_signing_key"))
    }

    /// Reads the keys anew, after another process moved them on.
    pub(crate) async fn reload_keys(&self) -> Result<(), Refusal> {
        self.keys.reload(&self.store, self.clock.now()).await.map_err(no_keys)
    }

    async fn flush(&self) {
        self.minting.tell(self.clock.now());
        for refusals in self.refusals.take(self.clock.now()).chunks(MAX_RECORDED) {
            let recorded = self.store.record(refusals).await;
            self.audit_health.note(&recorded, self.clock.now());
            if let Err(error) = recorded {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, dropped = refusals.len(), "refusal counters could not be written");
            }
        }
    }

    /// Reloads keys and themes if any process changed something.
    async fn follow(&self, seen: &mut Option<i64>) {
        let followed = async {
            let latest = self.store.latest_change().await?;
            if *seen != Some(latest) {
                self.keys.reload(&self.store, self.clock.now()).await?;
                self.session_keys.reload(&self.store).await?;
                self.themes.reload(&self.store).await?;
                *seen = Some(latest);
            }
            Ok::<(), KeysError>(())
        };
        if let Err(error) = followed.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "changes could not be looked for");
        }
    }

    /// Moves keys on when their time has come.
    async fn tend_keys(&self) {
        let (schedule, now) = (&self.settings.keys, self.clock.now());
        if !self.keys.want_care(schedule, now) {
            return;
        }
        let keyholder = Keyholder {
            store: self.store.clone(),
            data_key: Arc::clone(&self.data_key),
            rng: Arc::clone(&self.rng),
            access_token_ttl: self.settings.access_token_ttl,
            actor: Actor::System,
        };
        let tended = async {
            self.keys.tend(&keyholder, schedule, now).await?;
            self.feed.wake();
            self.keys.reload(&self.store, now).await
        };
        if let Err(error) = tended.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "signing keys could not be moved on");
        }
    }
}

fn no_keys(error: KeysError) -> Refusal {
    match error {
        KeysError::Store(error) => error.into(),
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "no signing key");
            Refusal::unavailable("no_signing_key")
        }
    }
}

/// What exists, and nothing more.
fn describe(issuer: &str) -> Metadata {
    let mut metadata = Metadata::new(issuer);
    metadata.authorization_endpoint = Some(metadata.url("/authorize"));
    metadata.token_endpoint = Some(metadata.url(TOKEN_PATH));
    metadata.userinfo_endpoint = Some(metadata.url(USERINFO_PATH));
    metadata.jwks_uri = Some(metadata.url(JWKS_PATH));
    metadata.end_session_endpoint = Some(metadata.url("/oidc/logout"));
    metadata.backchannel_logout_supported = true;
    metadata.backchannel_logout_session_supported = true;
    metadata.scopes_supported = words(&["openid", "profile", "email", "address", "phone", "offline_access"]);
    metadata.response_types_supported = words(&["code"]);
    metadata.response_modes_supported = words(&["query", "form_post"]);
    metadata.code_challenge_methods_supported = words(&["S256"]);
    metadata.prompt_values_supported = words(&["none", "login", "consent", "select_account"]);
    metadata.authorization_response_iss_parameter_supported = true;
    metadata.claims_supported = words(&user_claims::ALL);
    metadata.grant_types_supported =
        [GrantType::AuthorizationCode, GrantType::ClientCredentials, GrantType::RefreshToken]
            .map(|grant| grant.to_string())
            .into();
    describe_authentication(&mut metadata);
    metadata.subject_types_supported = words(&["public"]);
    // ID tokens have the first of them, but libraries hold access tokens against this list too.
    metadata.id_token_signing_alg_values_supported = ALGORITHMS.map(|algorithm| algorithm.to_string()).into();
    metadata
}

/// How clients authenticate, where they do. Public ones have no business at introspection.
fn describe_authentication(metadata: &mut Metadata) {
    let confidential = [
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::PrivateKeyJwt,
    ];
    let methods = confidential.map(|method| method.to_string()).to_vec();
    let all = [methods.as_slice(), &[ClientAuthMethod::None.to_string()]].concat();
    let algorithms = ALGORITHMS.map(|algorithm| algorithm.to_string());
    metadata.token_endpoint_auth_methods_supported = all.clone();
    metadata.token_endpoint_auth_signing_alg_values_supported = algorithms.clone().into();
    metadata.revocation_endpoint = Some(metadata.url("/oauth/revoke"));
    metadata.revocation_endpoint_auth_methods_supported = all;
    metadata.revocation_endpoint_auth_signing_alg_values_supported = algorithms.clone().into();
    metadata.introspection_endpoint = Some(metadata.url("/oauth/introspect"));
    metadata.introspection_endpoint_auth_methods_supported = methods;
    metadata.introspection_endpoint_auth_signing_alg_values_supported = algorithms.into();
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
