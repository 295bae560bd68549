//! Fills a database for a benchmark, one that `tokenry init` has made.
//!
//! `tokenry-bench-seed clients DATABASE_URL COUNT`: one company, one API, and as many clients with a secret and a grant.
//! Prints a line `client_id<TAB>client_secret` for each client. It goes through the store's own verbs, audit rows and all.
//!
//! `tokenry-bench-seed audit DATABASE_URL COUNT`: as many audit rows, of SQLite alone. They look like those of issued tokens;
//! their hashes are none.
//!
//! `tokenry-bench-seed families DATABASE_URL COUNT`, after `clients`: as many authorizations of one user for one application.
//! Prints a line `client_id<TAB>client_secret<TAB>refresh_token` for each.
//!
//! `tokenry-bench-seed pats DATABASE_URL COUNT`, after `clients`: as many personal access tokens of one user, a line each.
#![expect(clippy::print_stdout, reason = "the clients are this program's output")]

mod families;
mod pats;
mod people;

use anyhow::{Context, Result, bail};
use tokenry_clock::{Clock, SystemClock, Timestamp};
use tokenry_model::{
    Actor, Client, ClientGrant, ClientGrantId, ClientId, ClientSecret, ClientType, Company, CompanyId,
    Digest, DigestDomain, Event, Record, ResourceServer, ResourceServerId, Rng, ScopeDefinition, SecretId,
    SecretVerifier, Subject, SystemRng, TenantBinding, TokenFormat,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::Store;
use tokenry_store::db::{Db, Options};
use tokio::task::{JoinSet, LocalSet};

const AUDIENCE: &str = "https://timesheets.example.com";
const SCOPES: [&str; 2] = ["read:timesheets", "create:timesheets"];
/// On SQLite, enough writers at once for a group commit to be worth its fsync. On PostgreSQL one: every change takes the
/// next number of the change log, so others would only wait for it.
const fn at_once(db: &Db) -> usize {
    match db {
        Db::Postgres(_) => 1,
        Db::Sqlite(_) => 256,
    }
}

/// As many rows as a second has time for, ten times over.
const AUDIT_PIECE: i64 = 25_000;

mod sql {
    tokenry_store::statements! {
    pub(crate) FILL_AUDIT =
        "INSERT INTO audit (at, event, actor_kind, actor_id, subject_kind, subject_id, address, request_id, outcome, \
         detail, count, content_hash) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
         SELECT $2, 'token.issued', 'client', printf('client%026d', i), 'token', printf('token%027d', i), '127.0.0.1', \
         printf('request%09d', i), 'success', '{\"audience\":\"https://timesheets.example.com\"}', 1, zeroblob(32) \
         FROM n";
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, url, count] = arguments.as_slice() else {
        bail!("usage: tokenry-bench-seed audit|clients|families|pats DATABASE_URL COUNT");
    };
    let store = Store::new(Db::open(&url.parse()?, Options::default()).await?);
    match what.as_str() {
        "audit" => audit(&store, count.parse()?).await,
        "families" => LocalSet::new().run_until(families::fill(&store, count.parse()?)).await,
        "pats" => pats::fill(&store, count.parse()?).await,
        "clients" => LocalSet::new().run_until(fill(&store, count.parse()?)).await,
        other => bail!("there is nothing called {other} to make"),
    }
}

/// In pieces that a transaction has time for.
async fn audit(store: &Store, count: i64) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let piece = left.min(AUDIT_PIECE);
        let values = vec![piece.into(), SystemClock.now().into()];
        store.db().write_one(sql::FILL_AUDIT, values).await?;
        left -= piece;
    }
    store.db().close().await;
    Ok(())
}

async fn fill(store: &Store, count: usize) -> Result<()> {
    let (company, api) = surroundings(store).await?;
    let mut making = JoinSet::new();
    for _ in 0..count {
        if making.len() == at_once(store.db()) {
            print(making.join_next().await.context("a full set is not empty")??)?;
        }
        making.spawn_local(make_client(store.clone(), company.id.clone(), api.clone()));
    }
    while let Some(made) = making.join_next().await {
        print(made?)?;
    }
    store.db().close().await;
    Ok(())
}

fn print(made: Result<(ClientId, Secret)>) -> Result<()> {
    let (id, secret) = made?;
    println!("{id}\t{}", secret.expose());
    Ok(())
}

/// The company that the clients act for, and the API that they ask for.
async fn surroundings(store: &Store) -> Result<(Company, ResourceServer)> {
    let now = SystemClock.now();
    let company = Company {
        id: CompanyId::generate(now, &SystemRng),
        name: "Acme".to_owned(),
        corporation_id: None,
        disabled_at: None,
        version: 1,
        created_at: now,
    };
    let record = made(now, Event::CompanyCreated, Subject::Company(company.id.clone()));
    store.create_company(&company, &[record]).await?;
    let definition = |token: &str| -> Result<_> {
        Ok(ScopeDefinition { token: ScopeToken::parse(token)?, description: String::new() })
    };
    let api = ResourceServer {
        id: ResourceServerId::generate(now, &SystemRng),
        name: "Timesheets".to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: SCOPES.into_iter().map(definition).collect::<Result<_>>()?,
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted: true,
        version: 1,
        created_at: now,
    };
    let record = made(now, Event::ApiCreated, Subject::ResourceServer(api.id.clone()));
    store.create_resource_server(&api, None, &[record]).await?;
    Ok((company, api))
}

async fn make_client(store: Store, company: CompanyId, api: ResourceServer) -> Result<(ClientId, Secret)> {
    let client = client(ClientId::generate(&SystemRng), company, SystemClock.now());
    let secret = store_client(&store, &client, &api).await?;
    Ok((client.id, secret))
}

/// Stores a client with a secret of its own, and all of an API's scopes granted.
async fn store_client(store: &Store, client: &Client, api: &ResourceServer) -> Result<Secret> {
    let now = client.created_at;
    let mut entropy = [0; 32];
    SystemRng.fill(&mut entropy);
    let secret = issue(&Brand::default(), SecretKind::ClientSecret, &entropy);
    let stored = ClientSecret {
        id: SecretId::generate(now, &SystemRng),
        client_id: client.id.clone(),
        verifier: SecretVerifier::Digest(Digest::of(DigestDomain::ClientSecret, &secret)),
        label: String::new(),
        last4: secret.last4().to_owned(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    let grant = ClientGrant {
        id: ClientGrantId::generate(now, &SystemRng),
        client_id: client.id.clone(),
        resource_server_id: api.id.clone(),
        scope: Scope::parse(&SCOPES.join(" "))?,
        created_at: now,
    };
    let record = made(now, Event::ClientCreated, Subject::Client(client.id.clone()));
    store.create_client(client, Some(&stored), &[grant], &[record]).await?;
    Ok(secret)
}

fn client(id: ClientId, company: CompanyId, now: Timestamp) -> Client {
    Client {
        name: format!("Cron job {id}"),
        binding: TenantBinding::Company(company),
        ..Client::new(ClientType::M2m, id, now)
    }
}

fn made(now: Timestamp, event: Event, subject: Subject) -> Record {
    Record::new(now, event, Actor::Operator, Some(subject))
}
