//! Snapshot and events are two ways to the same state, at whatever moment the snapshot is taken.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use tokenry_model::{ClientState, CompanyId, CorporationId, RevokedKind};
use tokenry_store::{CompanyUpdate, Error, GuardEventKind, Leave, Result, RevokedToken};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::guard_world::{assign, world_of_guards};
use super::samples::*;

const API: &str = "timesheets";
const COMPANIES: [&str; 4] = ["acme", "labs", "globex", "new"];
const CORPORATIONS: [&str; 2] = ["group", "other"];
const CLIENTS: [&str; 3] = ["cron", "crm", "wide"];

/// Something that operators, clients or the background do. Each number picks one of what there is.
#[derive(Clone, Debug)]
enum Step {
    Assign(usize),
    CreateCompany(usize, Option<usize>),
    DeleteCompany(usize),
    DisableClient(usize),
    DisableCompany(usize),
    EnableClient(usize),
    EnableCompany(usize),
    MoveCompany(usize, Option<usize>),
    Number(i64),
    RevokeToken(usize, u64),
    RotateKeys(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (company, client) = (0..COMPANIES.len(), 0..CLIENTS.len());
    let corporation = || proptest::option::of(0..CORPORATIONS.len());
    prop_oneof![
        client.clone().prop_map(Step::Assign),
        (company.clone(), corporation()).prop_map(|(id, of)| Step::CreateCompany(id, of)),
        company.clone().prop_map(Step::DeleteCompany),
        client.clone().prop_map(Step::DisableClient),
        company.clone().prop_map(Step::DisableCompany),
        client.clone().prop_map(Step::EnableClient),
        company.clone().prop_map(Step::EnableCompany),
        (company, corporation()).prop_map(|(id, to)| Step::MoveCompany(id, to)),
        (1_i64..4).prop_map(Step::Number),
        (client, 0_u64..5).prop_map(|(client, n)| Step::RevokeToken(client, n)),
        any::<bool>().prop_map(Step::RotateKeys),
    ]
}

/// What a guard knows: who is disabled, who is reached, what is revoked until when.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct State {
    disabled: BTreeSet<CompanyId>,
    corporations: BTreeMap<CorporationId, BTreeSet<CompanyId>>,
    revoked: BTreeMap<(RevokedKind, String), i64>,
}

impl State {
    fn apply(&mut self, kind: GuardEventKind) {
        match kind {
            GuardEventKind::CompanyDisabled { company } => {
                self.disabled.insert(company);
            }
            GuardEventKind::CompanyEnabled { company } => {
                self.disabled.remove(&company);
            }
            GuardEventKind::CompanyJoined { corporation, company } => {
                self.corporations.entry(corporation).or_default().insert(company);
            }
            GuardEventKind::CompanyLeft { corporation, company } => {
                self.corporations.entry(corporation).or_default().remove(&company);
            }
            GuardEventKind::Keys | GuardEventKind::SubjectChanged { .. } => {}
            GuardEventKind::Revoked(entry) => {
                self.revoked.insert((entry.what, entry.value), entry.expires_at.as_millis());
            }
        }
    }
}

/// The number first, then the state, as a guard's snapshot is made.
async fn snapshot(world: &World) -> (i64, State) {
    let store = &world.other;
    let seq = store.guard_counter(&api_id(API)).await.unwrap();
    let directory = store.company_directory().await.unwrap().into_iter();
    let revoked = store.revoked_after(&api_id(API), 0, NOW, 1_000).await.unwrap().into_iter();
    let state = State {
        disabled: store.disabled_companies().await.unwrap().into_iter().collect(),
        corporations: directory.map(|(id, companies)| (id, companies.into_iter().collect())).collect(),
        revoked: revoked.map(|(_, it)| ((it.what, it.value), it.expires_at.as_millis())).collect(),
    };
    (seq, state)
}

async fn take(world: &World, step: &Step, n: usize) -> Result<()> {
    let (store, now) = (&world.store, later(n as u64));
    match *step {
        Step::Assign(client) => {
            // Where there is one, this changes nothing; a client that is gone for good has none.
            let id = CLIENTS[client];
            let grants = store.list_client_grants(Some(&client_id(id))).await?;
            if grants.iter().any(|grant| grant.resource_server_id == api_id(API)) {
                let handle = tokenry_model::TokenHandle::generate(&tokenry_model::SystemRng);
                let grant = grant_id(&format!("{id}-{API}"));
                store.assign_token_handle(&secret_id(id), &grant, handle, HOUR, now).await?;
            }
        }
        Step::CreateCompany(id, of) => {
            let company = match of {
                Some(of) => company_of(COMPANIES[id], CORPORATIONS[of]),
                None => company(COMPANIES[id]),
            };
            store.create_company(&company, &[]).await?;
        }
        Step::DeleteCompany(id) => drop(store.delete_company(&company_id(COMPANIES[id]), now, &[]).await?),
        Step::DisableClient(id) => {
            let disabled = ClientState::Disabled { at: now };
            store.set_client_state(&client_id(CLIENTS[id]), disabled, now, &[]).await?;
        }
        Step::DisableCompany(id) => {
            store.set_company_state(&company_id(COMPANIES[id]), Some(now), now, &[]).await?;
        }
        Step::EnableClient(id) => {
            store.set_client_state(&client_id(CLIENTS[id]), ClientState::Enabled, now, &[]).await?;
        }
        Step::EnableCompany(id) => {
            store.set_company_state(&company_id(COMPANIES[id]), None, now, &[]).await?;
        }
        Step::MoveCompany(id, to) => {
            let corporation = Some(to.map(|to| corporation_id(CORPORATIONS[to])));
            let change = CompanyUpdate { corporation, name: None };
            store.move_company(&company_id(COMPANIES[id]), &change, now, &[]).await?;
        }
        Step::Number(limit) => drop(store.number_guard_events(limit).await?),
        Step::RevokeToken(client, n) => {
            let jti = format!("{}{client}{n}", &JTI[..30]);
            let token =
                RevokedToken { client_id: client_id(CLIENTS[client]), ..revoked_token(&jti, later(9_999)) };
            store.revoke_token(token, &[]).await?;
        }
        Step::RotateKeys(revoke) => {
            let keys = store.list_signing_keys().await?;
            let find = |active: bool| {
                keys.iter()
                    .find(|key| (active == key.state.since().is_some()) && key.state.is_published_at(NOW))
            };
            let (Some(retire), Some(activate)) = (find(true), find(false)) else { return Ok(()) };
            let leave = if revoke {
                Leave::AtOnce
            } else {
                Leave::WithItsTokens { signed_until: NOW, at_least: HOUR, at_most: HOUR }
            };
            store
                .rotate_signing_keys(&rotation(&retire.kid, &activate.kid, &format!("k{n}"), leave), &[])
                .await?;
        }
    }
    Ok(())
}

async fn every_snapshot_leads_to_the_end(engine: Engine, steps: &[Step]) {
    let world = world_of_guards(engine).await;
    for client in ["crm", "wide"] {
        let grant = grant(&format!("{client}-{API}"), client, API);
        // `crm` has it already.
        drop(world.store.create_client_grant(&grant, &[]).await);
        assign(&world, client, API).await;
    }
    let mut taken = vec![snapshot(&world).await];
    for (n, step) in steps.iter().enumerate() {
        match take(&world, step, n).await {
            // What cannot be done now changes nothing.
            Ok(()) | Err(Error::Exists(_) | Error::InUse { .. } | Error::Missing(_)) => {}
            Err(error) => panic!("{step:?}: {error}"),
        }
        taken.push(snapshot(&world).await);
    }
    while world.store.number_guard_events(100).await.unwrap() > 0 {}
    let (_, end) = snapshot(&world).await;
    for (place, (seq, mut state)) in taken.into_iter().enumerate() {
        let events = world.store.guard_events_after(&api_id(API), seq, 10_000).await.unwrap();
        for (due, event) in (seq + 1..).zip(events) {
            assert_eq!(event.seq, due, "no hole");
            state.apply(event.kind);
        }
        assert_eq!(state, end, "from the snapshot before step {place} of {steps:?}");
    }
}

#[rstest]
#[case::sqlite(Sqlite, 24)]
#[case::postgres(Postgres, 6)]
fn a_snapshot_and_the_events_after_it_make_the_state_of_the_end(#[case] engine: Engine, #[case] cases: u32) {
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&vec(step(), 1..40), |steps| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(every_snapshot_leads_to_the_end(engine, &steps));
            Ok(())
        })
        .unwrap();
}
