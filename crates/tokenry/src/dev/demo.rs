//! The demo's data: companies, the Timesheets API and its clients, seeded once, the same at every start.

use anyhow::Context as _;
use tokenry_clock::Timestamp;
use tokenry_engine::manage::{Error, Manager, NewApi, NewClient, NewSecret, UpdateApi, UpdateClient};
use tokenry_engine::seed::Seed;
use tokenry_model::{
    ClientSecret, ClientType, Digest, DigestDomain, ErrorStyle, SecretVerifier, TokenFormat,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::{Brand, Secret, SecretKind};

use super::Reach;
use super::people::{self, DemoApp, DemoUser};
use crate::failure::Result;
use crate::host::{Host, dialect, settings};

/// The Timesheets API's identifier.
pub(crate) const AUDIENCE: &str = "https://timesheets.example.com";
const SCOPES: [(&str, &str); 4] = [
    ("read:timesheets", "Read timesheets"),
    ("create:timesheets", "Create timesheets"),
    ("delete:timesheets", "Delete timesheets"),
    ("approve:timesheets", "Approve timesheets"),
];
/// Set once everything is there: what an operator removes later stays away.
const SEEDED_MARK: &str = "dev_seeded";

/// One of the demo's clients.
#[derive(Debug)]
pub(crate) struct DemoClient {
    pub(crate) name: &'static str,
    pub(crate) client_id: String,
    /// Absent when it was revoked, rotated or changed.
    pub(crate) client_secret: Option<Secret>,
    pub(crate) company_id: String,
    pub(crate) corporation_id: Option<String>,
}

/// What the demo consists of.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) api_id: String,
    /// The shape of its API's tokens.
    pub(crate) dialect: Dialect,
    /// Absent when it was revoked or rotated.
    pub(crate) api_secret: Option<Secret>,
    /// What the demo's own guard authenticates with.
    pub(crate) guard_secret: Secret,
    pub(crate) companies: Vec<(&'static str, String)>,
    pub(crate) corporations: Vec<(&'static str, String)>,
    pub(crate) clients: Vec<DemoClient>,
    pub(crate) apps: Vec<DemoApp>,
    pub(crate) users: Vec<DemoUser>,
}

struct Plan {
    name: &'static str,
    title: &'static str,
    company: &'static str,
    corporation: Option<&'static str>,
    scopes: &'static [(&'static str, &'static str)],
}

const PLANS: [Plan; 4] = [
    Plan { name: "cron", title: "Acme's cron job", company: "acme", corporation: None, scopes: &SCOPES },
    Plan {
        name: "globex",
        title: "Globex's back end",
        company: "globex",
        corporation: None,
        scopes: &SCOPES,
    },
    Plan {
        name: "group",
        title: "Acme Group's back end",
        company: "acme",
        corporation: Some("acme_group"),
        scopes: &SCOPES,
    },
    Plan {
        name: "readonly",
        title: "Acme's dashboard",
        company: "acme",
        corporation: None,
        scopes: SCOPES.split_at(1).0,
    },
];

const COMPANIES: [(&str, &str, Option<&str>); 3] = [
    ("acme", "Acme", Some("acme_group")),
    ("acme_labs", "Acme Labs", Some("acme_group")),
    ("globex", "Globex", None),
];

/// Seeds the demo if that has not been done, gives all of it the profile that is asked for, and tells what of it is there.
pub(super) async fn seed(host: &Host, profile: Option<Dialect>, reach: Reach) -> Result<Demo> {
    let brand = settings(&host.config)?.brand;
    let seed =
        Seed::open(&host.store, &host.data_key, &*host.rng).await.context("the demo cannot be seeded")?;
    let manager = host.manager()?;
    let seeded = host.store.find_meta(SEEDED_MARK).await.context("the database cannot be read")?.is_some();
    if !seeded {
        create(&manager, &seed, &brand, dialect(&host.config)?).await?;
        host.store.put_meta_if_absent(SEEDED_MARK, vec![1]).await.context("the demo cannot be seeded")?;
    }
    people::seed(host, &manager, &seed, &brand).await?;
    people::seed_pats(host, &manager, &seed, &brand).await?;
    people::seed_account_secrets(host, &manager, &seed, &brand).await?;
    people::let_root_in(host, &manager, reach).await?;
    if let Some(profile) = profile.filter(|_| seeded) {
        turn(&manager, &seed, profile).await?;
    }
    let mut demo = describe(host, &manager, &seed, &brand).await?;
    demo.users.retain(|user| reach == Reach::ThisMachine || user.username != people::ROOT);
    Ok(demo)
}

/// Makes all of it. A start that was cut off in the middle is taken up again by the next.
async fn create(manager: &Manager, seed: &Seed, brand: &Brand, dialect: Dialect) -> Result {
    once(manager.create_corporation("Acme Group", Some(&seed.uuid("corporation/acme_group"))).await)?;
    for (name, title, corporation) in COMPANIES {
        let corporation = corporation.map(|name| seed.uuid(&format!("corporation/{name}")));
        let id = seed.uuid(&format!("company/{name}"));
        once(manager.create_company(title, Some(&id), corporation.as_deref()).await)?;
    }
    let api_id = seed.uuid("api/timesheets");
    let api = NewApi {
        id: Some(api_id.clone()),
        name: "Timesheets".to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: SCOPES.map(|(token, meaning)| (token.to_owned(), meaning.to_owned())).into(),
        access_token_ttl: None,
        signing_alg: None,
        dialect,
        token_format: TokenFormat::Jwt,
        tenanted: true,
    };
    once(manager.create_api(api).await)?;
    for label in ["api/timesheets", "api/timesheets/guard"] {
        let secret = seed.secret(brand, SecretKind::ResourceServerSecret, label);
        let new = NewSecret { label: label.to_owned(), imported: Some(secret), ..NewSecret::default() };
        once(manager.add_api_secret(&api_id, new).await)?;
    }
    for plan in PLANS {
        create_client(manager, seed, brand, &plan).await?;
    }
    Ok(())
}

/// Gives a demo that was there already another profile, as far as it is still there.
async fn turn(manager: &Manager, seed: &Seed, profile: Dialect) -> Result {
    let api_id = seed.uuid("api/timesheets");
    if manager.api(&api_id).await.is_ok_and(|api| api.dialect != profile) {
        manager.update_api(&api_id, UpdateApi { dialect: Some(profile), ..UpdateApi::default() }).await?;
    }
    let style = ErrorStyle::parse(profile.as_str()).context("the profile has no error style")?;
    for name in PLANS.iter().map(|plan| plan.name).chain(people::app_names()) {
        let client_id = seed.client_id(name).to_string();
        if manager.client(&client_id).await.is_ok_and(|client| client.error_style != style) {
            let update = UpdateClient { error_style: Some(style), ..UpdateClient::default() };
            manager.update_client(&client_id, update).await?;
        }
    }
    Ok(())
}

async fn create_client(manager: &Manager, seed: &Seed, brand: &Brand, plan: &Plan) -> Result {
    let client_id = seed.client_id(plan.name).to_string();
    let secret = seed.secret(brand, SecretKind::ClientSecret, plan.name);
    let new = NewClient {
        client_id: Some(client_id.clone()),
        company: Some(seed.uuid(&format!("company/{}", plan.company))),
        corporation: plan.corporation.map(|name| seed.uuid(&format!("corporation/{name}"))),
        secret: NewSecret { label: "demo".to_owned(), imported: Some(secret), ..NewSecret::default() },
        ..NewClient::new(ClientType::M2m, plan.title)
    };
    once(manager.create_client(new).await)?;
    let scopes: Vec<_> = plan.scopes.iter().map(|(token, _meaning)| (*token).to_owned()).collect();
    once(manager.create_grant(&client_id, AUDIENCE, &scopes).await)
}

/// What exists already was made by a start that was cut off. What it would rest on may be gone from a folder of a release
/// that had less of a demo.
pub(super) fn once<T>(made: std::result::Result<T, Error>) -> Result {
    match made {
        Ok(_) | Err(Error::Exists(_) | Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn describe(host: &Host, manager: &Manager, seed: &Seed, brand: &Brand) -> Result<Demo> {
    let now = host.clock.now();
    let mut clients = Vec::new();
    for plan in PLANS {
        let client_id = seed.client_id(plan.name).to_string();
        let Ok(client) = manager.client(&client_id).await else { continue };
        let secret = seed.secret(brand, SecretKind::ClientSecret, plan.name);
        let client_secret = working_secret(manager, &client_id, secret, now).await?;
        clients.push(DemoClient {
            name: plan.name,
            client_id,
            client_secret,
            company_id: client.binding.home().map(ToString::to_string).unwrap_or_default(),
            corporation_id: client.binding.corporation().map(ToString::to_string),
        });
    }
    let api_id = seed.uuid("api/timesheets");
    let api_secret = seed.secret(brand, SecretKind::ResourceServerSecret, "api/timesheets");
    let digest = Digest::of(DigestDomain::ResourceServerSecret, &api_secret);
    let stored = manager.api_secrets(&api_id).await.unwrap_or_default();
    let works = stored.iter().any(|stored| stored.works_at(now) && stored.digest.matches(&digest));
    let dialect = manager.api(&api_id).await.map_or(Dialect::Rfc, |api| api.dialect);
    Ok(Demo {
        dialect,
        guard_secret: seed.secret(brand, SecretKind::ResourceServerSecret, "api/timesheets/guard"),
        api_secret: works.then_some(api_secret),
        api_id,
        companies: COMPANIES.map(|(name, _title, _in)| (name, seed.uuid(&format!("company/{name}")))).into(),
        corporations: vec![("acme_group", seed.uuid("corporation/acme_group"))],
        clients,
        apps: people::apps(host, manager, seed, brand).await?,
        users: people::users(manager, seed, brand).await?,
    })
}

/// A client's secret, if it still is one.
pub(super) async fn working_secret(
    manager: &Manager,
    client_id: &str,
    secret: Secret,
    now: Timestamp,
) -> Result<Option<Secret>> {
    let stored = manager.client_secrets(client_id).await?;
    let works = stored.iter().any(|stored| stored.works_at(now) && is(stored, &secret));
    Ok(works.then_some(secret))
}

fn is(stored: &ClientSecret, secret: &Secret) -> bool {
    match &stored.verifier {
        SecretVerifier::Argon2id(_) => false,
        SecretVerifier::Digest(digest) => digest.matches(&Digest::of(DigestDomain::ClientSecret, secret)),
    }
}
