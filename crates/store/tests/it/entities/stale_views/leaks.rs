//! The verbs about credentials that leaked.

use tokenry_model::{Event, Leak, LeakKind};
use tokenry_store::{IssueOutcome, LeakedCredential, ReportLeak, ReportedLeak, TellOfLeaks};

use super::super::samples::*;
use super::Change;
use IssueOutcome::{Recorded, Stale};

fn report(kind: LeakKind, credential: LeakedCredential) -> ReportLeak {
    let leak = Leak { id: kind.to_string(), kind, last4: String::new(), revoked: false, reported_at: NOW };
    ReportLeak {
        leak,
        credential,
        client_id: None,
        user_id: Some(user_id("usr_leak")),
        most: 9,
        most_of_user: 9,
        within: HOUR,
        record: record(Event::CredentialLeaked),
    }
}

/// In an order in which each can. Where a client's secret leaked, what was decided by it issues nothing; a user's own gives nobody
/// anything.
pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("report_leak", Stale, |w| {
        Box::pin(async {
            w.store.create_user(&user("usr_leak"), &[]).await.unwrap();
            let (client_id, id) = (client_id("cron"), secret_id("s1"));
            let secret = LeakedCredential::ClientSecret { client_id, id };
            let reported = w.store.report_leak(report(LeakKind::ClientSecret, secret)).await.unwrap();
            assert!(matches!(reported, ReportedLeak::Revoked), "{reported:?}");
        })
    }),
    ("tell_of_leaks", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            let mail = own_change("usr_leak", 1, Event::PatCreated).mail;
            let leaks = w.store.list_untold_leaks(&user_id("usr_leak"), 9).await.unwrap();
            let tell = TellOfLeaks { user_id: user_id("usr_leak"), leaks, now: NOW, mail };
            assert!(w.store.tell_of_leaks(tell).await.unwrap());
        })
    }),
    ("delete_old_leaks", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_old_leaks(NOW, 9).await.unwrap(), 1) })
    }),
];
