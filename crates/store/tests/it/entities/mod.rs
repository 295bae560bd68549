//! The verbs, each on SQLite and on PostgreSQL, from two sets of connections where it matters who comes first.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed, in helpers too")]

mod account_secrets;
mod address_changes;
mod api_scopes;
mod api_standing;
mod assertion_handles;
mod audit;
mod audit_of_users;
mod auth_failures;
mod authorization_codes;
mod change_log;
mod client_grants;
mod client_secrets;
mod client_standing;
mod clients;
mod companies;
mod consent_scopes;
mod consents;
mod damage;
mod database;
mod departures;
mod diagnosis;
mod ends_of_people;
mod family_world;
mod guard_causes;
mod guard_collapse;
mod guard_log;
mod guard_state;
mod guard_streams;
mod guard_world;
mod injection;
mod integrations;
mod issue;
mod keys;
mod known_devices;
mod leaks;
mod logouts;
mod mail;
mod memberships;
mod mint_leases;
mod minted_tokens;
mod opaque_tokens;
mod own_events;
mod passkeys;
mod passwords;
mod pats;
mod refresh_tokens;
mod resource_servers;
mod revoked_tokens;
mod roles;
mod samples;
mod schema_document;
mod second_factors;
mod session_handles;
mod session_keys;
mod sessions;
mod sign_ups;
mod stale_views;
mod themes;
mod token_handles;
mod used_assertions;
mod users;

use std::fmt::Debug;
use std::future::Future;

use tokenry_model::{Event, Revocation, TokenHandle};
use tokenry_store::{GuardEvent, GuardEventKind, Issue, Store};

use database::Database;
use samples::{
    HOUR, NOW, api, api_id, api_secret, client, client_id, grant, grant_id, record, role, secret, secret_id,
};

/// What the suite runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Postgres,
    Sqlite,
}

/// A database of its own with two stores on it, which share no connection, as two replicas would.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) other: Store,
    pub(crate) database: Database,
}

impl World {
    pub(crate) async fn open(engine: Engine) -> Self {
        let database = match engine {
            Engine::Postgres => Database::postgres().await,
            Engine::Sqlite => Database::sqlite().await,
        };
        let (one, two) = (database.open().await, database.open().await);
        Self { store: Store::new(one), other: Store::new(two), database }
    }

    /// Ann and bob, and the APIs `timesheets` and `payroll`.
    pub(crate) async fn of_two(engine: Engine) -> Self {
        let world = Self::open(engine).await;
        world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
        for id in ["usr_ann", "usr_bob"] {
            world.store.create_user(&samples::user(id), &[]).await.unwrap();
        }
        for id in ["timesheets", "payroll"] {
            world.store.create_resource_server(&api(id), None, &[]).await.unwrap();
        }
        world
    }

    /// Roles that allow nothing.
    pub(crate) async fn make_roles(&self, names: &[&str]) {
        for name in names {
            self.store.create_role(&role(name), &[]).await.unwrap();
        }
    }

    /// A client `cron` with secret `s1` and grant `g1` for the API `timesheets`, which has secret `rs1`.
    pub(crate) async fn seed(&self) {
        let timesheets = api("timesheets");
        let credential = api_secret("rs1", "timesheets");
        self.store.create_resource_server(&timesheets, Some(&credential), &[]).await.unwrap();
        let grants = [grant("g1", "cron", "timesheets")];
        self.store.create_client(&client("cron"), Some(&secret("s1", "cron")), &grants, &[]).await.unwrap();
    }

    /// The view that a token without a company is issued on, of what [`Self::seed`] made.
    pub(crate) async fn view(&self) -> Issue {
        let client = self.other.find_client(&client_id("cron")).await.unwrap().unwrap();
        let api = self.other.find_resource_server(&api_id("timesheets")).await.unwrap().unwrap();
        Issue {
            client_id: client.id,
            client_version: client.version,
            resource_server_id: api.id,
            resource_server_version: api.version,
            company: None,
            kid: None,
            record: record(Event::TokenIssued),
        }
    }

    /// The handle of what [`Self::seed`] made.
    pub(crate) async fn assign_handle(&self) -> TokenHandle {
        let proposed = TokenHandle::parse("0123456789A").unwrap();
        self.store.assign_token_handle(&secret_id("s1"), &grant_id("g1"), proposed, HOUR, NOW).await.unwrap()
    }

    pub(crate) async fn client_version(&self, id: &str) -> i64 {
        self.other.find_client(&client_id(id)).await.unwrap().unwrap().version
    }

    /// Numbers all that was announced, and yields what the guards of `api` learn after `seq`: a line for each event, with
    /// the seconds after [`NOW`] until which it is worth knowing.
    pub(crate) async fn learned(&self, api: &str, seq: i64) -> Vec<String> {
        while self.store.number_guard_events(1_000).await.unwrap() > 0 {}
        let events = self.other.guard_events_after(&api_id(api), seq, 10_000).await.unwrap();
        events.iter().map(line).collect()
    }

    /// The events in the audit trail, in order.
    pub(crate) async fn events(&self) -> Vec<String> {
        let records = self.other.list_audit(0, 1_000).await.unwrap();
        records.into_iter().map(|record| record.event).collect()
    }
}

fn line(event: &GuardEvent) -> String {
    let what = match &event.kind {
        GuardEventKind::CompanyDisabled { company } => format!("disabled {company}"),
        GuardEventKind::CompanyEnabled { company } => format!("enabled {company}"),
        GuardEventKind::CompanyJoined { corporation, company } => format!("joined {corporation} {company}"),
        GuardEventKind::CompanyLeft { corporation, company } => format!("left {corporation} {company}"),
        GuardEventKind::Keys => "keys".to_owned(),
        GuardEventKind::Revoked(Revocation { what, value, expires_at }) => {
            format!("{what} {value} until +{}", expires_at.since(NOW).as_secs())
        }
        GuardEventKind::SubjectChanged { user: None } => "changed".to_owned(),
        GuardEventKind::SubjectChanged { user: Some(user) } => format!("changed {user}"),
    };
    format!("{} {what}", event.seq)
}

/// Runs `body` `racers` times at once, in turns on the two stores, and yields every result.
pub(crate) async fn race<T, F>(world: &World, racers: u64, body: impl Fn(Store, u64) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = |n: u64| {
        let store = if n.is_multiple_of(2) { &world.store } else { &world.other };
        tokio::spawn(body(store.clone(), n))
    };
    let running = (0..racers).map(start).collect::<Vec<_>>();
    let mut results = Vec::new();
    for racer in running {
        results.push(racer.await.unwrap());
    }
    results
}

/// Compares what has no `==`, because it holds digests.
#[track_caller]
pub(crate) fn same<T: Debug>(left: &T, right: &T) {
    assert_eq!(format!("{left:#?}"), format!("{right:#?}"));
}
