//! Who takes rights away, and gives some of them back.

use std::sync::Arc;

use tokenry_engine::manage::{Manager, NewSecret};
use tokio::sync::RwLockWriteGuard;
use tokio::time::{Instant, sleep};

use super::rng::Rng;
use super::tokens::{Token, mark};
use super::world::{Company, Credentials, Standing, World};

/// Takes rights away until the world ends, with connections of its own, as the command line has them.
pub(super) async fn work(world: Arc<World>, mut rng: Rng) {
    let operator = Operator { manager: world.app.operator().await, world: &world };
    while !world.is_over() {
        sleep(rng.millis(50, 300)).await;
        let holder = rng.below(world.holders.len());
        let company = world.holders[holder].company;
        let _turn = world.companies[company].turn.lock().await;
        match rng.below(6) {
            0 | 1 => operator.revoke_a_token(holder, &mut rng).await,
            2 | 3 => operator.replace_the_secret(holder).await,
            4 => operator.disable_the_client(holder, &mut rng).await,
            _ => operator.disable_the_company(company, &mut rng).await,
        }
    }
}

struct Operator<'a> {
    manager: Manager,
    world: &'a World,
}

impl Operator<'_> {
    async fn revoke_a_token(&self, holder: usize, rng: &mut Rng) {
        let world = self.world;
        let credentials = world.holders[holder].credentials.read().await;
        let live = world.tokens.live();
        let own: Vec<_> = live.iter().filter(|token| token.holder == holder).collect();
        let Some(chosen) = rng.pick(&own) else { return };
        let ending = world.tokens.end(|token| token.text == chosen.text);
        let form = [
            ("token", chosen.text.as_str()),
            ("client_id", &world.holders[holder].id),
            ("client_secret", &credentials.secret),
        ];
        let url = format!("{}/oauth/revoke", world.server);
        let answer = world.http.post(url).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        died(&ending);
        world.findings.count("tokens revoked one by one");
    }

    async fn replace_the_secret(&self, holder: usize) {
        let (world, client) = (self.world, &self.world.holders[holder]);
        let mut credentials = client.credentials.write().await;
        let added = self.manager.add_client_secret(&client.id, NewSecret::default()).await;
        let (stored, secret) = added.unwrap();
        let old = std::mem::replace(&mut credentials.secret_id, stored.id.to_string());
        secret.expose().clone_into(&mut credentials.secret);
        let ending = world.tokens.end(|token| token.holder == holder && token.secret == old);
        let announced = self.manager.revoke_client_secret(&client.id, &old).await.unwrap();
        died(&ending);
        drop(credentials);
        self.confirm(self.manager.propagated(&announced).await, &ending);
        world.findings.count("secrets revoked");
    }

    async fn disable_the_client(&self, holder: usize, rng: &mut Rng) {
        let (world, client) = (self.world, &self.world.holders[holder]);
        let mut credentials = client.credentials.write().await;
        let ending = world.tokens.end(|token| token.holder == holder);
        let announced = self.manager.disable_client(&client.id).await.unwrap();
        died(&ending);
        credentials.enabled = false;
        drop(credentials);
        self.confirm(self.manager.propagated(&announced).await, &ending);
        sleep(rng.millis(0, 500)).await;
        self.manager.enable_client(&client.id).await.unwrap();
        client.credentials.write().await.enabled = true;
        world.findings.count("clients disabled and enabled");
    }

    async fn disable_the_company(&self, company: usize, rng: &mut Rng) {
        let (world, Company { id, standing, .. }) = (self.world, &self.world.companies[company]);
        let mut clients = self.all_of(company).await;
        let home = |token: &Token| world.holders[token.holder].company;
        let ending = world.tokens.end(|token| token.company == company || home(token) == company);
        let announced = self.manager.disable_company(id).await.unwrap();
        died(&ending);
        standing.lock().unwrap().enabled = false;
        clients.iter_mut().filter(|(at, _)| *at == company).for_each(|(_, it)| it.enabled = false);
        drop(clients);
        self.confirm(self.manager.propagated(&announced).await, &ending);
        sleep(rng.millis(0, 500)).await;

        let mut clients = self.all_of(company).await;
        self.manager.enable_company(id).await.unwrap();
        *standing.lock().unwrap() = Standing { enabled: true, enabled_at: Some(Instant::now()) };
        clients.iter_mut().filter(|(at, _)| *at == company).for_each(|(_, it)| it.enabled = true);
        world.findings.count("companies disabled and enabled");
    }

    /// Every client that may act for a company, with its home; none fetches a token meanwhile.
    async fn all_of(&self, company: usize) -> Vec<(usize, RwLockWriteGuard<'_, Credentials>)> {
        let holders = self.world.holders.iter();
        let mut clients = Vec::new();
        for holder in holders.filter(|holder| holder.corporate || holder.company == company) {
            clients.push((holder.company, holder.credentials.write().await));
        }
        clients
    }

    /// Writes down what the command would have said.
    fn confirm(&self, propagated: bool, ended: &[Arc<Token>]) {
        let now = Instant::now();
        if propagated {
            ended.iter().for_each(|token| mark(&token.confirmed, now));
        }
        self.world.findings.count(if propagated { "propagated" } else { "not propagated" });
    }
}

fn died(ending: &[Arc<Token>]) {
    let now = Instant::now();
    ending.iter().for_each(|token| mark(&token.dead, now));
}
