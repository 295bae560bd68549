//! Personal access tokens of one user, for everything that they may do.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokenry_clock::{Clock, SystemClock, Timestamp};
use tokenry_model::{
    Actor, Digest, DigestDomain, Event, Pat, PatId, PatReach, PatValue, Record, Rng as _, SystemRng,
    TokenHandle,
};
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::{CreatePat, CredentialChange, Store};

use super::AUDIENCE;
use super::people::{Person, person};

const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Prints a token a line.
pub(crate) async fn fill(store: &Store, count: usize) -> Result<()> {
    let now = SystemClock.now();
    let api = store.find_resource_server_by_audience(AUDIENCE).await?.context("make clients first")?;
    let owner = person(store, &api, now).await?;
    for _ in 0..count {
        println!("{}", make(store, &owner, now).await?.expose());
    }
    store.db().close().await;
    Ok(())
}

async fn make(store: &Store, owner: &Person, now: Timestamp) -> Result<Secret> {
    let mut entropy = [0; 32];
    SystemRng.fill(&mut entropy);
    let token = issue(&Brand::default(), SecretKind::PersonalAccessToken, &entropy);
    let id = PatId::generate(now, &SystemRng);
    let value = PatValue {
        digest: Digest::of(DigestDomain::PersonalAccessToken, &token),
        pat_id: id.clone(),
        jti: TokenHandle::generate(&SystemRng).new_jti(&SystemRng),
        last4: String::new(),
        created_at: now,
        expires_at: now.plus(MONTH),
        superseded_at: None,
        last_use: None,
    };
    let pat = Pat {
        id,
        user_id: owner.user.id.clone(),
        company_id: Some(owner.company.id.clone()),
        name: "Bench".to_owned(),
        note: String::new(),
        reach: PatReach::Everything,
        allowed_addresses: Vec::new(),
        lifetime: MONTH,
        created_at: now,
        ends_at: value.expires_at,
        revoked_at: None,
    };
    let record = Record::new(now, Event::PatCreated, Actor::User(owner.user.id.clone()), None);
    let change = CredentialChange::new(now, vec![record], None);
    let created = store.create_pat(&pat, &value, i64::MAX, change).await?;
    ensure!(created == CreatePat::Created, "no token was made");
    Ok(token)
}
