//! Configuration of a guard: all mistakes are reported at once, before the first request.

mod build;

use std::fmt::{self, Formatter};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokenry_clock::{Clock, SystemClock};
use tokenry_protocol::Secret;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::Brand;

use crate::accept::{Accept, Accepted, Bearer, Cookie};
#[cfg(feature = "testing")]
use crate::authority::Authority;
use crate::companies::CompanyDirectory;
#[cfg(doc)]
use crate::guard::Guard;
use crate::issuer::Issuer;
use crate::problem::Mode;
use crate::remote::HttpSettings;
use crate::revocations::USUAL_CAP;

/// By how much `iat` and `nbf` may lie in the future, unless configured.
const USUAL_SKEW: Duration = Duration::from_secs(5);

/// How much memory verified tokens may take, unless configured.
const USUAL_CACHE: u64 = 16 * 1024 * 1024;

/// Configures a [`Guard`]. Issuer, audience and credentials are needed, and the tenant claim by every API that knows
/// companies.
#[must_use]
pub struct GuardBuilder {
    issuer: String,
    dialect: Dialect,
    credentials: Option<(String, Secret)>,
    /// In place of `issuer` and `credentials`.
    #[cfg(feature = "testing")]
    shared: Option<(Arc<Authority>, Arc<crate::testing::Answers>)>,
    further: Vec<Issuer>,
    audience: String,
    accepted: Accepted,
    brand: String,
    allowed_origins: Vec<String>,
    trusted_proxies: Vec<String>,
    tenant: Option<TenantClaim>,
    realm: Option<String>,
    resource_metadata: Option<String>,
    allowed_skew: Duration,
    token_cache: u64,
    revocation_cap: usize,
    state_dir: Option<PathBuf>,
    mode: Mode,
    clock: Arc<dyn Clock>,
    directory: Option<Arc<dyn CompanyDirectory>>,
    http: HttpSettings,
}

/// Where a token says for which company it is.
#[derive(Clone, Debug)]
pub struct TenantClaim(String);

impl TenantClaim {
    /// The claim of that name is an object with `companyId` and, for tokens of a corporation, `corporationId`. The
    /// name is an absolute URL, e.g. `https://auth.example.com/metadata`, and nothing is fetched from there.
    pub fn namespace(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl GuardBuilder {
    pub(crate) fn new() -> Self {
        Self {
            issuer: String::new(),
            dialect: Dialect::Rfc,
            credentials: None,
            #[cfg(feature = "testing")]
            shared: None,
            further: Vec::new(),
            audience: String::new(),
            accepted: [Bearer::jwt(), Bearer::opaque(), Bearer::pat(), Cookie::session()]
                .into_iter()
                .collect(),
            brand: Brand::default().as_str().to_owned(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            tenant: None,
            realm: None,
            resource_metadata: None,
            allowed_skew: USUAL_SKEW,
            token_cache: USUAL_CACHE,
            revocation_cap: USUAL_CAP,
            state_dir: None,
            mode: Mode::Production,
            clock: Arc::new(SystemClock),
            directory: None,
            http: HttpSettings::default(),
        }
    }

    /// The authorization server's issuer identifier, character for character as in its tokens' `iss`. `https`; plain
    /// `http` only for a loopback host.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// The shape that the issuer's tokens for this API may have beside RFC 9068's, as `apis show` tells it; none unless
    /// set. Under [`Dialect::Auth0`] a token whose `typ` is `JWT` is taken too, if it is a client's own (`gty` is
    /// `client-credentials`, `sub` the client with `@clients`): other tokens of that `typ`, ID tokens for one, are not.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// This API's identifier, as in its tokens' `aud`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The API's own id and secret, with which the guard asks the authorization server for its snapshot, follows its
    /// events and asks about what does not speak for itself.
    pub fn credentials(mut self, api_id: impl Into<String>, secret: Secret) -> Self {
        self.credentials = Some((api_id.into(), secret));
        self
    }

    /// A further issuer, whose signed tokens this API takes too. Each token is checked with what its own issuer says and
    /// with nothing else; [`Caller::issuer`](crate::Caller::issuer) tells which that was.
    pub fn also(mut self, issuer: Issuer) -> Self {
        self.further.push(issuer);
        self
    }

    /// The kinds of credential that this API takes at every route; `[Bearer::jwt(), Bearer::opaque(), Bearer::pat(),
    /// Cookie::session()]` unless set. All but signed tokens are those of the first issuer. Account secrets are taken only where a
    /// route's policy [says so](crate::Requirement::accept).
    pub fn accept(mut self, kinds: impl IntoIterator<Item = Accept>) -> Self {
        self.accepted = kinds.into_iter().collect();
        self
    }

    /// The word with which the first issuer's secrets begin, `[secrets] brand` in its configuration; `tokenry` unless set.
    pub fn brand(mut self, word: impl Into<String>) -> Self {
        self.brand = word.into();
        self
    }

    /// Origins whose pages may use this API from a browser, such as `https://app.example.com`; none unless set. Their pages may
    /// change something by a [cookie](Cookie::session), and [`Guard::router`] answers them with credentialed CORS, except at
    /// routes that take account secrets. Exactly these, compared character by character; a page of this API itself need not be
    /// listed, unless a proxy changes the `Host`.
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// The proxies in front of this API, addresses or networks such as `10.0.0.0/8`, whose `X-Forwarded-For` is believed; none
    /// unless set.
    ///
    /// From where a client comes matters to credentials that may be used from some addresses alone, to the limit of refused
    /// account secrets, and to what users are told of the last use of theirs. The guard takes it from the connection, so serve
    /// with `into_make_service_with_connect_info::<SocketAddr>()`: without that it is unknown, and a credential for some
    /// addresses is refused.
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted_proxies = networks.into_iter().map(Into::into).collect();
        self
    }

    /// Makes every token name its company: one without is 401. Without this setting the API knows no companies.
    pub fn tenant(mut self, claim: TenantClaim) -> Self {
        self.tenant = Some(claim);
        self
    }

    /// The protection space that challenges name; the audience, unless set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Where this API publishes its metadata (RFC 9728); named in challenges. Nothing, unless set.
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    /// By how much `iat` and `nbf` may lie in the future, because the issuer's clock is ahead of ours; 5 s unless set,
    /// at most 60 s. Exact: a token from precisely that far ahead is valid, from a millisecond more it is not.
    ///
    /// `exp` gets none: nothing is valid longer than its issuer said. Clients renew early instead.
    pub fn allowed_skew(mut self, skew: Duration) -> Self {
        self.allowed_skew = skew;
        self
    }

    /// About how many bytes verified tokens may take in memory, so that a signature is checked once a token and not
    /// once a request; 16 MiB unless set, enough for some five thousand tokens. Zero checks every time. What was
    /// learnt by asking may take as much again.
    pub fn token_cache(mut self, bytes: u64) -> Self {
        self.token_cache = bytes;
        self
    }

    /// How many revocations of one issuer are kept in memory, some 24 bytes each; 1,000,000 unless set. While there are
    /// more, everything of that issuer is refused with 503 `revocations_unavailable`.
    pub fn revocation_cap(mut self, entries: usize) -> Self {
        self.revocation_cap = entries;
        self
    }

    /// A folder for what the guard knows, made if missing: keys, companies, revocations, no secrets. With it a guard
    /// that starts while its authorization server is down serves signed tokens, by what was known, with an alarm; unless
    /// that is older than ten minutes or the guard had [signed off](Guard::shutdown), because then nobody waits for this
    /// guard when something is revoked: until the server is there again, it answers 503 `snapshot_unavailable`.
    ///
    /// Whoever can write there decides whom this API believes: keep it as the program itself.
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// Adds to the body of refusals why: which check failed, what was expected and what was sent. For development
    /// only: it tells strangers about the configuration. In production the decision record says the same.
    pub fn development(mut self) -> Self {
        self.mode = Mode::Development;
        self
    }

    /// The clock to read, once a request; the system's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Your own knowledge of which companies a corporation has, in place of the authorization servers'. It is not asked
    /// for tokens of foreign issuers.
    pub fn directory(mut self, directory: impl CompanyDirectory) -> Self {
        self.directory = Some(Arc::new(directory));
        self
    }

    /// How long a request to the authorization server may take from beginning to end; 5 s unless set. Acknowledging,
    /// opening the stream and asking about a credential have limits of their own, from 2 to 5 s, and a snapshot may
    /// take as long as it keeps coming.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self.http.connect_timeout = timeout.min(self.http.connect_timeout);
        self
    }

    /// Trusts the certificate authorities of this PEM bundle too, beside the system's, to vouch for the issuer.
    pub fn trust_pem(mut self, bundle: impl Into<Vec<u8>>) -> Self {
        self.http.extra_roots.push(bundle.into());
        self
    }

    #[cfg(feature = "testing")]
    pub(crate) fn shared(
        mut self,
        authority: &Arc<Authority>,
        answers: &Arc<crate::testing::Answers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        self.shared = Some((Arc::clone(authority), Arc::clone(answers)));
        self.clock = clock;
        self
    }
}

impl fmt::Debug for GuardBuilder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardBuilder")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("credentials", &self.credentials)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
