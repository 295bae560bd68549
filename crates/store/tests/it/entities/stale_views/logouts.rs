//! Logout tokens: what applications are told of sessions decides nothing about the tokens of clients.

use tokenry_model::{Event, LogoutOutcome};
use tokenry_store::{IssueOutcome, LogoutKey};

use super::super::samples::*;
use super::Verb;
use IssueOutcome::Recorded;

fn key() -> LogoutKey {
    LogoutKey { session_id: session_id("told1"), client_id: client_id("cron") }
}

/// Every verb of logout tokens that changes something.
pub(super) const VERBS: &[Verb] = &[
    ("end_session_at_client", Recorded, |w| {
        Box::pin(async {
            let (gone, records) = (session_id("told0"), [record(Event::SessionEnded)]);
            assert!(!w.store.end_session_at_client(&gone, &client_id("cron"), NOW, &records).await.unwrap());
        })
    }),
    ("lease_logouts", Recorded, |w| {
        Box::pin(async {
            for session in ["told1", "told2"] {
                w.database.tamper(&format!(
                    "INSERT INTO logout_outbox VALUES ('{session}', 'cron', 'usr_x', 1, 0, 1, 0, NULL, NULL, NULL)"
                ));
            }
            w.database.tamper("INSERT INTO session_clients VALUES ('told3', 'cron', 'usr_x', 1)");
            let epoch = tokenry_clock::Timestamp::EPOCH;
            let leased = w.store.lease_logouts(&client_id("cron"), NOW, later(1), epoch, 9).await.unwrap();
            assert_eq!(leased.len(), 2);
        })
    }),
    ("logout_failed", Recorded, |w| {
        Box::pin(async { w.store.logout_failed(&key(), "503", NOW).await.unwrap() })
    }),
    ("end_logout", Recorded, |w| {
        Box::pin(async {
            let record = record(Event::LogoutDelivered);
            let ended = w.store.end_logout(&key(), LogoutOutcome::Delivered, "200", NOW, &record).await;
            assert!(ended.unwrap());
        })
    }),
    ("give_up_logouts", Recorded, |w| {
        Box::pin(async {
            let record = record(Event::LogoutGivenUp);
            assert_eq!(w.store.give_up_logouts(NOW, later(1), 9, &record).await.unwrap(), 1);
        })
    }),
    ("delete_ended_logouts", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_ended_logouts(later(1), 9).await.unwrap(), 2) })
    }),
    ("delete_old_session_clients", Recorded, |w| {
        Box::pin(async { assert!(w.store.delete_old_session_clients(NOW, 9).await.unwrap() > 0) })
    }),
];
