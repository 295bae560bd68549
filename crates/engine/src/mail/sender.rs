//! Sending: one server at a time takes what is due, tries it, and gives back what failed, later each time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record};
use tokenry_store::{Error as StoreError, LeasedMail};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::letter::{About, Letter};
use super::send::{Mail, SendError, SendMail};
use crate::engine::Engine;

/// How often others' mail is looked for; our own wakes the sender.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many are sent at once.
const AT_ONCE: i64 = 8;
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a mail is this server's: whoever dies meanwhile loses it to another.
const LEASE: Duration = Duration::from_secs(120);
/// How long after a first failure it is tried again; twice as long after each further one.
const FIRST_DELAY: Duration = Duration::from_secs(30);
const LONGEST_DELAY: Duration = Duration::from_secs(3_600);
/// For how long it is tried.
const GIVE_UP_AFTER: Duration = Duration::from_secs(86_400);
/// How long it is kept that one was sent.
const KEEP_SENT: Duration = Duration::from_secs(7 * 86_400);
/// How long links are kept after they have ended.
const KEEP_LINKS: Duration = Duration::from_secs(86_400);

const MAIL: &str = "tokenry_mail_total";

impl Engine {
    /// Goes on for ever. Beside the engine's other work, which no mail server must hold up.
    pub(crate) async fn tend_mail(self: &Arc<Self>) -> Infallible {
        let Some(by) = &self.mailing.by else { return std::future::pending().await };
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _instant = ticks.tick() => {}
                () = self.mailing.wake.notified() => {}
            }
            if let Err(error) = self.send_due(by).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "mail could not be looked for");
            }
        }
    }

    /// Says that there is mail to be sent.
    pub(crate) fn wake_sender(&self) {
        self.mailing.wake.notify_one();
    }

    async fn send_due(self: &Arc<Self>, by: &Arc<dyn SendMail>) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let leased =
                self.store.lease_mail(now, now.plus(LEASE), now.minus(GIVE_UP_AFTER), AT_ONCE).await?;
            if leased.is_empty() {
                return Ok(());
            }
            // Ended with us if we are stopped: what was not sent is another's once the lease is over.
            let mut sending = JoinSet::new();
            for mail in leased {
                let (engine, by) = (Arc::clone(self), Arc::clone(by));
                sending.spawn(async move { engine.send_one(mail, &*by).await });
            }
            while let Some(sent) = sending.join_next().await {
                if let Ok(Err(error)) = sent {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a mail's fate could not be noted"
                    );
                }
            }
        }
    }

    async fn send_one(&self, leased: LeasedMail, by: &dyn SendMail) -> Result<(), StoreError> {
        let Some(letter) = Letter::open(&leased.id, &leased.wrapped, &self.data_key) else {
            tracing::error!(mail = leased.id, "a mail in the outbox cannot be opened with this keyring");
            return self.store.mail_failed(&leased.id, self.clock.now().plus(LONGEST_DELAY)).await;
        };
        let LeasedMail { id, recipient, attempts, .. } = leased;
        let languages = self.languages_of(&recipient, &letter).await;
        let mail = Mail { id, recipient, letter, languages };
        let sent = timeout(PATIENCE, by.send(&mail)).await.unwrap_or(Err(SendError::TimedOut));
        let now = self.clock.now();
        match sent {
            Ok(()) => {
                counter!(MAIL, "outcome" => "sent").increment(1);
                tracing::info!(mail = mail.id, attempts, "a mail was sent");
                self.store.close_mail(&mail.id, now).await
            }
            Err(error) if is_final(error, mail.letter.about) => {
                counter!(MAIL, "outcome" => error.word()).increment(1);
                tracing::info!(mail = mail.id, %error, "a mail that a stranger asked for is not tried again");
                self.store.close_mail(&mail.id, now).await
            }
            Err(error) => {
                counter!(MAIL, "outcome" => error.word()).increment(1);
                let due_at = now.plus(delay(attempts));
                tracing::warn!(mail = mail.id, attempts, %error, "a mail could not be sent for now");
                self.store.mail_failed(&mail.id, due_at).await
            }
        }
    }

    /// Gives up mail that no server took in time, and forgets what was sent and what links there were long ago. Says how
    /// many rows went.
    pub(crate) async fn sweep_mail(&self, now: Timestamp, batch: i64) -> Result<u64, StoreError> {
        let record = Record::new(now, Event::MailGivenUp, Actor::System, None);
        let given_up = self.store.give_up_mail(now.minus(GIVE_UP_AFTER), now, batch, &record).await?;
        if given_up > 0 {
            counter!(MAIL, "outcome" => "given_up").increment(given_up);
            tracing::error!(mails = given_up, "mail was given up that no mail server took within a day");
        }
        let sent = self.store.delete_sent_mail(now.minus(KEEP_SENT), batch).await?;
        let links = self.store.delete_expired_links(now.minus(KEEP_LINKS), batch).await?;
        let changes = self.store.delete_old_address_changes(now.minus(KEEP_LINKS), batch).await?;
        Ok(given_up + sent + links + changes)
    }
}

/// Whether no is the last word (RFC 5321 §4.2.1). To an address that an operator knows mail is tried all the same: the mail
/// server may be the one that is set up wrong. What strangers make up must neither wear the server's patience out nor alarm.
fn is_final(error: SendError, about: About) -> bool {
    about == About::SignUp && matches!(error, SendError::Malformed | SendError::Refused(500..))
}

/// How long after the so-manieth failure it is tried again.
fn delay(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX).min(16);
    FIRST_DELAY.saturating_mul(1 << doublings).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_up_to_an_hour() {
        let delays: Vec<_> = (0..9).map(|attempts| delay(attempts).as_secs()).collect();
        assert_eq!(delays, [30, 30, 60, 120, 240, 480, 960, 1_920, 3_600]);
        assert_eq!(delay(i64::MAX), LONGEST_DELAY);
    }
}
