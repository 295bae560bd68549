//! Who gets tokens and who calls the APIs with them.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::oracle::Call;
use super::rng::Rng;
use super::tokens::{Kind, Token};
use super::world::World;
use crate::reach::api::{DENIED, SERVED};

/// How many tokens live at once.
const LIVE: usize = 60;

/// Gets tokens from the server until the world ends.
pub(super) async fn fetch(world: Arc<World>, mut rng: Rng) {
    while !world.is_over() {
        sleep(rng.millis(10, 60)).await;
        let holder = rng.below(world.holders.len());
        let kind = if rng.below(2) == 0 { Kind::Opaque } else { Kind::Signed };
        if world.tokens.count_live() >= LIVE {
            continue;
        }
        let client = &world.holders[holder];
        let company = if client.corporate { rng.below(world.companies.len()) } else { client.company };
        let credentials = client.credentials.read().await;
        let standing = *world.companies[company].standing.lock().unwrap();
        if !credentials.enabled || !standing.enabled {
            continue;
        }
        let form = [
            ("grant_type", "client_credentials"),
            ("audience", kind.audience()),
            ("client_id", &client.id),
            ("client_secret", &credentials.secret),
            ("company_id", &world.companies[company].id),
        ];
        let request = world.http.post(format!("{}/oauth/token", world.server)).form(&form);
        let text = tokenry_testkit::Answer::to(request).await.token();
        let enabled_at = standing.enabled_at;
        let secret = credentials.secret_id.clone();
        world.tokens.add(Token {
            kind,
            text,
            holder,
            secret,
            company,
            enabled_at,
            dying: Default::default(),
            dead: Default::default(),
            confirmed: Default::default(),
        });
    }
}

/// Calls the API that takes tokens of this kind, and judges its answers, until the world ends.
pub(super) async fn call(world: Arc<World>, mut rng: Rng, kind: Kind) {
    while !world.is_over() {
        sleep(rng.millis(1, 20)).await;
        let path = if rng.below(3) == 0 { DENIED } else { SERVED };
        if let Some(token) = world.tokens.any(kind, &mut rng) {
            let call = call_once(&world, &token, path).await;
            world.findings.judge(&call, &token);
        }
    }
}

async fn call_once(world: &World, token: &Token, path: &'static str) -> Call {
    let (api, id) = (world.api(token.kind), world.request_id());
    let request = world.http.get(format!("{}{path}", api.url)).bearer_auth(&token.text);
    let sent = Instant::now();
    let answer = request.header("x-request-id", &id).send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    let answered = Instant::now();
    let problem = serde_json::from_str::<Value>(&body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or_default().to_owned();
    let stale = api.heard.take_stale(&id).unwrap_or_else(|| panic!("no record of {id}: {status} {code}"));
    Call { path, sent, answered, status, code, stale }
}

/// Whether every dead token is refused by guards that are fresh, and every other one served; else what is wrong.
pub(super) async fn look_at_all(world: &World) -> Result<(), String> {
    for kind in [Kind::Signed, Kind::Opaque] {
        let status = world.api(kind).status();
        if status.stale {
            return Err(format!("{status:?}"));
        }
    }
    let (live, ended) = (world.tokens.live(), world.tokens.ended());
    for token in live.iter().chain(&ended) {
        for path in [SERVED, DENIED] {
            let call = call_once(world, token, path).await;
            let is_due = match (token.dead.get().is_some(), call.status) {
                (true, 401) | (false, 200) => true,
                // More than 600 of one address were refused.
                (true, 429) => token.kind == Kind::Opaque,
                _ => false,
            };
            if !is_due || call.stale {
                return Err(format!("{call:?} with {token:?}"));
            }
        }
    }
    Ok(())
}
