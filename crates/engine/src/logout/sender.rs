//! Sending logout tokens: of each client a few at once, so that one which is slow holds no other up.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, ClientState, Event, LogoutOutcome, Record};
use tokenry_store::{Error as StoreError, LeasedLogout};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::post::{PostError, PostLogout};
use crate::engine::Engine;

/// How often others' are looked for; our own wake the sender.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many are sent at once, in all and to one client.
const AT_ONCE: usize = 128;
const TO_ONE_CLIENT: usize = 4;
/// How many clients are looked at in one go.
const MAX_CLIENTS: i64 = 1_000;
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one is this server's: whoever dies meanwhile loses it to another.
const LEASE: Duration = Duration::from_secs(60);
/// How long after a first failure it is tried again; twice as long after each further one.
const FIRST_DELAY: Duration = Duration::from_secs(5);
const LONGEST_DELAY: Duration = Duration::from_secs(3_600);
/// For how long it is tried.
const GIVE_UP_AFTER: Duration = Duration::from_secs(86_400);
/// How often in a row a client says that it is wrong until it is believed. It also says so where it could not sign its user
/// out (§2.8), which passes.
const REFUSALS: usize = 3;
/// How it says so.
const WRONG: &str = "400";
/// How long is kept what became of one.
const KEEP_ENDED: Duration = Duration::from_secs(7 * 86_400);

const LOGOUTS: &str = "tokenry_logouts_total";

impl Engine {
    /// Goes on for ever. Beside the engine's other work, which no application must hold up (WEB-05).
    pub(crate) async fn tend_logouts(self: &Arc<Self>) -> Infallible {
        let Some(by) = &self.logouts.by else { return std::future::pending().await };
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let places = Places::default();
        // Ended with us if we are stopped: what was not sent is another's once the lease is over.
        let mut sending = JoinSet::new();
        loop {
            tokio::select! {
                _instant = ticks.tick() => {}
                () = self.logouts.wake.notified() => {}
                Some(_sent) = sending.join_next() => {}
            }
            if let Err(error) = self.begin_due(by, &places, &mut sending).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "logout tokens could not be looked for"
                );
            }
        }
    }

    /// Begins to send what is due, as far as there are places.
    async fn begin_due(
        self: &Arc<Self>,
        by: &Arc<dyn PostLogout>,
        places: &Places,
        sending: &mut JoinSet<()>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let since = now.minus(GIVE_UP_AFTER);
        for client in self.store.find_clients_with_due_logouts(now, since, MAX_CLIENTS).await? {
            let free = places.free(&client);
            if free == 0 {
                continue;
            }
            let many = i64::try_from(free).unwrap_or(i64::MAX);
            for logout in self.store.lease_logouts(&client, now, now.plus(LEASE), since, many).await? {
                let (engine, by, place) = (Arc::clone(self), Arc::clone(by), places.take(&client));
                sending.spawn(async move {
                    let _place = place;
                    if let Err(error) = engine.send_logout(&logout, &*by).await {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "a logout token's fate could not be noted"
                        );
                    }
                });
            }
        }
        Ok(())
    }

    async fn send_logout(&self, logout: &LeasedLogout, by: &dyn PostLogout) -> Result<(), StoreError> {
        let client = self.store.find_client(&logout.key.client_id).await?;
        let client = client.filter(|client| client.state == ClientState::Enabled);
        let uri = client.and_then(|client| client.backchannel_logout_uri);
        let Some(uri) = uri else {
            return self.end_logout(logout, LogoutOutcome::GivenUp, "nobody_to_tell").await;
        };
        let Ok(token) = self.logout_token(logout, self.clock.now()).await else {
            return self.try_logout_again(logout, "not_signed", "there is no key to sign it with").await;
        };
        let posted = timeout(PATIENCE, by.post(&uri, &token)).await.unwrap_or(Err(PostError::TimedOut));
        match posted {
            Ok(status @ (200 | 204)) => {
                self.end_logout(logout, LogoutOutcome::Delivered, &status.to_string()).await
            }
            Ok(400) => self.logout_refused(logout).await,
            Ok(status) => {
                self.try_logout_again(logout, &status.to_string(), &format!("the answer was {status}")).await
            }
            Err(error) => self.try_logout_again(logout, error.word(), &error.to_string()).await,
        }
    }

    /// What was answered before is kept as far as it was the same, so that it says how often in a row.
    async fn logout_refused(&self, logout: &LeasedLogout) -> Result<(), StoreError> {
        let refusals = refusals_before(logout) + 1;
        if refusals >= REFUSALS {
            return self.end_logout(logout, LogoutOutcome::Refused, WRONG).await;
        }
        let why = format!("the answer was {WRONG}");
        self.try_logout_again(logout, &vec![WRONG; refusals].join(" "), &why).await
    }

    async fn end_logout(
        &self,
        logout: &LeasedLogout,
        outcome: LogoutOutcome,
        answer: &str,
    ) -> Result<(), StoreError> {
        let (client, session) = (logout.key.client_id.as_str(), logout.key.session_id.as_str());
        let attempts = logout.attempts;
        let event = match outcome {
            LogoutOutcome::Delivered => {
                tracing::info!(client, session, attempts, "a client was told that a session has ended");
                Event::LogoutDelivered
            }
            LogoutOutcome::GivenUp | LogoutOutcome::Refused => {
                tracing::error!(
                    client,
                    session,
                    attempts,
                    answer,
                    "a client was not told that a session has ended"
                );
                Event::LogoutGivenUp
            }
        };
        let now = self.clock.now();
        let record = logout.told_in(Record::new(now, event, Actor::System, None)).with("answer", answer);
        if self.store.end_logout(&logout.key, outcome, answer, now, &record).await? {
            counter!(LOGOUTS, "outcome" => outcome.as_str()).increment(1);
        }
        Ok(())
    }

    async fn try_logout_again(
        &self,
        logout: &LeasedLogout,
        answer: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let (client, session) = (logout.key.client_id.as_str(), logout.key.session_id.as_str());
        let attempts = logout.attempts;
        tracing::warn!(
            client,
            session,
            attempts,
            why,
            "a client was not told for now that a session has ended"
        );
        counter!(LOGOUTS, "outcome" => "failed").increment(1);
        let due_at = self.clock.now().plus(delay(attempts));
        self.store.logout_failed(&logout.key, answer, due_at).await
    }

    /// Gives up what nobody took in time, and forgets what became of others, and who signed in to what so long ago that it
    /// is over. Says how many rows it was.
    pub(crate) async fn sweep_logouts(&self, now: Timestamp, batch: i64) -> Result<u64, StoreError> {
        let record = Record::new(now, Event::LogoutGivenUp, Actor::System, None);
        let given_up = self.store.give_up_logouts(now.minus(GIVE_UP_AFTER), now, batch, &record).await?;
        if given_up > 0 {
            counter!(LOGOUTS, "outcome" => LogoutOutcome::GivenUp.as_str()).increment(given_up);
            tracing::error!(
                logouts = given_up,
                "clients were not told within a day that sessions have ended, and are not any more"
            );
        }
        let ended = self.store.delete_ended_logouts(now.minus(KEEP_ENDED), batch).await?;
        let longest = self.settings.sessions.ttl.max(self.settings.refresh_ttl);
        let over = now.minus(longest.saturating_add(GIVE_UP_AFTER));
        let forgotten = self.store.delete_old_session_clients(over, batch).await?;
        Ok(given_up + ended + forgotten)
    }
}

/// How often in a row the client has said until now that it is wrong.
fn refusals_before(logout: &LeasedLogout) -> usize {
    let said = logout.last_answer.as_deref().unwrap_or_default();
    said.split(' ').filter(|answer| *answer == WRONG).count()
}

/// How long after the so-manieth failure it is tried again.
fn delay(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX).min(16);
    FIRST_DELAY.saturating_mul(1 << doublings).min(LONGEST_DELAY)
}

/// How many are being sent, to whom.
#[derive(Clone, Debug, Default)]
struct Places(Arc<Mutex<HashMap<ClientId, usize>>>);

impl Places {
    /// How many more may be sent to a client now.
    fn free(&self, client: &ClientId) -> usize {
        let taken = self.0.lock();
        let all = AT_ONCE.saturating_sub(taken.values().sum());
        TO_ONE_CLIENT.saturating_sub(taken.get(client).copied().unwrap_or_default()).min(all)
    }

    /// One of them, until it is dropped.
    fn take(&self, client: &ClientId) -> Place {
        *self.0.lock().entry(client.clone()).or_default() += 1;
        Place { places: self.clone(), client: client.clone() }
    }
}

#[derive(Debug)]
struct Place {
    places: Places,
    client: ClientId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        if let Some(many) = taken.get_mut(&self.client) {
            *many -= 1;
            if *many == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_no_loss_and_a_day_is_not_filled_with_tries() {
        let delays: Vec<_> = (1..12).map(|attempts| delay(attempts).as_secs()).collect();
        assert_eq!(delays, [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600]);
        assert_eq!(delay(i64::MAX), LONGEST_DELAY);
    }

    #[test]
    fn a_client_that_is_slow_leaves_places_to_others() {
        let (places, id) = (Places::default(), |text: &str| ClientId::parse(text).unwrap());
        let mut slow: Vec<_> = (0..TO_ONE_CLIENT).map(|_| places.take(&id("slow"))).collect();
        assert_eq!((places.free(&id("slow")), places.free(&id("quick"))), (0, TO_ONE_CLIENT));
        slow.pop();
        assert_eq!(places.free(&id("slow")), 1);
        let many: Vec<_> = (0..AT_ONCE - slow.len()).map(|n| places.take(&id(&format!("c{n}")))).collect();
        assert_eq!(places.free(&id("quick")), 0, "in all");
        drop((slow, many));
        assert!(places.0.lock().is_empty());
    }
}
