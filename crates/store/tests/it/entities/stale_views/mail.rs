//! Mail: what is sent to people decides nothing about the tokens of clients.

use tokenry_model::Event;
use tokenry_store::IssueOutcome::Recorded;
use tokenry_store::{PasswordReset, ResetOutcome, SendLink};

use super::super::mail::{chosen, mail, reset};
use super::super::samples::*;
use super::super::sign_ups::{sign_up, sign_up_request};
use super::Verb;
use tokenry_model::{LinkPurpose, MailLink};

/// Every verb of mail that changes something.
pub(super) const VERBS: &[Verb] = &[
    ("request_reset", Recorded, |w| {
        Box::pin(async {
            w.store.create_user(&user("usr_mailed"), &[]).await.unwrap();
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            w.store.request_reset(reset("usr_mailed@acme.example", "r", NOW)).await.unwrap();
        })
    }),
    ("send_link", Recorded, |w| {
        Box::pin(async {
            let link = MailLink::new(digest("v"), LinkPurpose::Verification, NOW);
            let (user, mail) = (user_id("usr_mailed"), mail("m2", NOW));
            let sent = w.store.send_link(&user, &link, &mail, &record(Event::VerificationSent)).await;
            assert_eq!(sent.unwrap(), SendLink::Sent);
        })
    }),
    ("verify_address", Recorded, |w| {
        Box::pin(async {
            let (user, record) = (user_id("usr_mailed"), record(Event::UserVerified));
            assert!(w.store.verify_address(&digest("v"), &user, NOW, &record).await.unwrap());
        })
    }),
    ("reset_password", Recorded, |w| {
        Box::pin(async {
            let reset = PasswordReset { mail: None, ..chosen("r", "usr_mailed", 0) };
            assert!(matches!(w.store.reset_password(reset, NOW).await.unwrap(), ResetOutcome::Set(_)));
        })
    }),
    ("lease_mail", Recorded, |w| {
        Box::pin(async {
            let leased = w.store.lease_mail(NOW, later(1), NOW.minus(HOUR), 9).await.unwrap();
            assert_eq!(leased.len(), 2);
        })
    }),
    ("close_mail", Recorded, |w| Box::pin(async { w.store.close_mail("m2", NOW).await.unwrap() })),
    ("mail_failed", Recorded, |w| Box::pin(async { w.store.mail_failed("r", NOW).await.unwrap() })),
    ("give_up_mail", Recorded, |w| {
        Box::pin(async {
            let record = record(Event::MailGivenUp);
            assert_eq!(w.store.give_up_mail(NOW, NOW, 9, &record).await.unwrap(), 1);
        })
    }),
    ("delete_sent_mail", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_sent_mail(NOW, 9).await.unwrap(), 1) })
    }),
    ("delete_expired_links", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_expired_links(later(8 * 86_400), 9).await.unwrap(), 2);
        })
    }),
    ("request_sign_up", Recorded, |w| {
        Box::pin(async {
            w.store.request_sign_up(sign_up_request("new@acme.example", "s", NOW)).await.unwrap();
        })
    }),
    ("sign_up", Recorded, |w| {
        Box::pin(async { assert!(w.store.sign_up(sign_up("usr_new", 1)).await.unwrap()) })
    }),
];
