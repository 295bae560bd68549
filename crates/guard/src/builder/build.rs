//! From a configuration to a guard: everything that is wrong at once, or the issuers opened and followed.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ipnet::IpNet;
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::secret::Brand;

use super::{GuardBuilder, TenantClaim};
use crate::accept::Accepted;
use crate::asker::Asker;
use crate::authority::{Authorities, Authority, Kind};
use crate::cache::TokenCache;
use crate::claims::Expected;
use crate::config_error::{ConfigError, ConfigErrors, MAX_SKEW};
use crate::freshness::Freshness;
use crate::guard::{Guard, Inner};
use crate::issuer::{self, Issuer};
use crate::keys::KeyStore;
use crate::limit::Refusals;
use crate::origins::{Origins, is_origin};
use crate::problem::Answers;
use crate::proxies;
use crate::question::Source;
use crate::remote::{Background, Link, Remote, StateFile};
use crate::request_id::RequestIds;
use crate::table::SharedTable;
use crate::token::Verifier;

impl GuardBuilder {
    /// Checks the configuration and starts loading what the issuers say in the background; see [`Guard::ready`]. Call
    /// it in a tokio runtime.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong. An authorization server that cannot be reached is no error
    /// here: it may start after this API.
    #[expect(clippy::unused_async, reason = "tells that a runtime is needed: background tasks are spawned")]
    pub async fn build(self) -> Result<Guard, ConfigErrors> {
        let Checked { namespace, sources, brand, proxies } = self.check()?;
        let opened: Vec<_> = sources.into_iter().map(|source| self.open(source)).collect();
        let expected = Arc::new(Expected {
            audience: self.audience.clone(),
            namespace,
            allowed_skew: self.allowed_skew,
        });
        let first = opened.first().expect("a configuration without an issuer is wrong");
        let (authority, source) = (Arc::clone(&first.authority), first.source.clone());
        let asker = Asker::new(authority, source, Arc::clone(&expected), self.token_cache);
        let background = Background::start(opened.iter().filter_map(|opened| self.link(opened)).collect());
        Ok(Guard::from_inner(Inner {
            verifier: Verifier {
                accepted: self.accepted,
                brand,
                expected,
                cache: TokenCache::new(self.token_cache),
            },
            authorities: Authorities(opened.into_iter().map(|opened| opened.authority).collect()),
            asker: Arc::new(asker),
            proxies,
            origins: Arc::new(Origins::new(self.allowed_origins)),
            refusals: Refusals::new(),
            directory: self.directory,
            clock: self.clock,
            answers: Answers {
                realm: self.realm.unwrap_or(self.audience),
                resource_metadata: self.resource_metadata,
                mode: self.mode,
            },
            request_ids: RequestIds::new(),
            table: SharedTable::default(),
            gone: AtomicBool::new(false),
            background,
        }))
    }

    fn check(&self) -> Result<Checked, ConfigErrors> {
        let mut errors = Vec::new();
        let sources = self.sources(&mut errors);
        if self.audience.is_empty() || self.audience.chars().any(|c| c.is_whitespace() || c.is_control()) {
            errors.push(ConfigError::Audience);
        }
        if self.accepted == Accepted::default() {
            errors.push(ConfigError::NothingAccepted);
        }
        if self.allowed_skew > MAX_SKEW {
            errors.push(ConfigError::AllowedSkew(self.allowed_skew));
        }
        let brand = Brand::parse(&self.brand).map_err(|_| ConfigError::Brand(self.brand.clone()));
        let brand = brand.map_err(|error| errors.push(error)).unwrap_or_default();
        let not_origins = self.allowed_origins.iter().filter(|text| !is_origin(text));
        errors.extend(not_origins.cloned().map(ConfigError::AllowedOrigin));
        let proxies = self.proxies(&mut errors);
        let namespace = self.tenant.as_ref().map(|TenantClaim(name)| {
            Namespace::parse(name).map_err(|_| ConfigError::TenantClaim(name.clone()))
        });
        let namespace = namespace.transpose().map_err(|error| errors.push(error)).ok().flatten();
        if let Some(folder) = &self.state_dir
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            errors.push(ConfigError::StateDir(format!("{}: {error}", folder.display())));
        }
        if errors.is_empty() {
            Ok(Checked { namespace, sources, brand, proxies })
        } else {
            Err(ConfigErrors::new(errors))
        }
    }

    fn proxies(&self, errors: &mut Vec<ConfigError>) -> Vec<IpNet> {
        let mut proxies = Vec::new();
        for text in &self.trusted_proxies {
            match proxies::network(text) {
                Some(network) => proxies.push(network),
                None => errors.push(ConfigError::TrustedProxy(text.clone())),
            }
        }
        proxies
    }

    /// All issuers, the first one first.
    fn sources(&self, errors: &mut Vec<ConfigError>) -> Vec<issuer::Source> {
        let mut sources: Vec<issuer::Source> = Vec::new();
        let mut add = |checked: Result<issuer::Source, Vec<ConfigError>>| match checked {
            Ok(source) if sources.iter().any(|known| known.identifier() == source.identifier()) => {
                let duplicate = ConfigError::DuplicateIssuer(source.identifier().to_owned());
                if !errors.contains(&duplicate) {
                    errors.push(duplicate);
                }
            }
            Ok(source) => sources.push(source),
            Err(wrong) => errors.extend(wrong),
        };
        add(self.first());
        self.further.iter().for_each(|issuer| add(issuer.check(&self.http)));
        sources
    }

    fn first(&self) -> Result<issuer::Source, Vec<ConfigError>> {
        #[cfg(feature = "testing")]
        if let Some(shared) = &self.shared {
            return Ok(issuer::Source::Shared(Arc::clone(&shared.0)));
        }
        Issuer::first(&self.issuer, self.credentials.as_ref()).dialect(self.dialect).check(&self.http)
    }

    fn open(&self, source: issuer::Source) -> Opened {
        match source {
            issuer::Source::Remote { kind, dialect, remote } => {
                let freshness = match kind {
                    Kind::Foreign => Freshness::Unmeasured,
                    Kind::Tokenry => Freshness::of_a_stream(),
                };
                let (issuer, keys) = (remote.identifier.clone(), KeyStore::loaded_elsewhere());
                let authority = Authority::new(issuer, kind, keys, freshness, self.revocation_cap);
                let authority = authority.with_dialect(dialect);
                let remote = Arc::new(*remote);
                let source = Source::Remote(Arc::clone(&remote));
                Opened { authority: Arc::new(authority), remote: Some(remote), source }
            }
            #[cfg(feature = "testing")]
            issuer::Source::Shared(authority) => {
                let answers =
                    self.shared.as_ref().map(|(_, answers)| Arc::clone(answers)).unwrap_or_default();
                Opened { authority, remote: None, source: Source::Shared(answers) }
            }
        }
    }

    /// What the background tasks of this issuer need. What was kept on the disk is read here, before the first request.
    fn link(&self, Opened { authority, remote, .. }: &Opened) -> Option<Link> {
        let (remote, authority) = (Arc::clone(remote.as_ref()?), Arc::clone(authority));
        let folder = self.state_dir.as_ref().filter(|_| authority.kind == Kind::Tokenry);
        let file = folder.map(|folder| {
            let mut file = StateFile::new(folder, &authority.issuer, &self.audience);
            file.load(&authority, &self.audience, self.clock.now());
            Arc::new(file)
        });
        Some(Link::new(remote, authority, self.audience.clone(), Arc::clone(&self.clock), file))
    }
}

/// What the check of a configuration made of it.
struct Checked {
    namespace: Option<Namespace>,
    sources: Vec<issuer::Source>,
    brand: Brand,
    proxies: Vec<IpNet>,
}

/// An issuer, ready to be asked.
struct Opened {
    authority: Arc<Authority>,
    /// Nothing if it is in this process.
    remote: Option<Arc<Remote>>,
    /// Whom to ask about credentials.
    source: Source,
}
