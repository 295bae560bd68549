//! The verbs about sessions. No token of a machine rests on one.

use tokenry_model::{Event, TokenHandle};
use tokenry_store::IssueOutcome;

use super::super::samples::*;
use super::Change;
use IssueOutcome::Recorded;

/// In an order in which each can.
pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("begin_session", Recorded, |w| {
        Box::pin(async {
            w.store.create_user(&user("usr_bob"), &[]).await.unwrap();
            assert!(w.store.begin_session(&beginning(session("se1", "usr_bob"), 1), &[]).await.unwrap());
        })
    }),
    ("assign_session_handle", Recorded, |w| {
        Box::pin(async {
            let (view, proposed) = (session_view("se1", 1, None), TokenHandle::parse("sessionshnd").unwrap());
            w.store.assign_session_handle(&view, proposed, NOW).await.unwrap();
        })
    }),
    ("record_session_token", Recorded, |w| {
        Box::pin(async {
            let (view, handle) = (session_view("se1", 1, None), TokenHandle::parse("sessionshnd").unwrap());
            let record = record(Event::TokenIssued);
            assert!(!w.store.record_session_token(&view, &handle, "no key", &record).await.unwrap());
        })
    }),
    ("delete_expired_session_handles", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_expired_session_handles(NOW, 9).await.unwrap(), 0) })
    }),
    ("delete_old_devices", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_old_devices(later(500 * 86_400), 9).await.unwrap(), 0);
        })
    }),
    ("touch_session", Recorded, |w| {
        Box::pin(async { w.store.touch_session(&session_id("se1"), later(60)).await.unwrap() })
    }),
    ("renew_session", Recorded, |w| {
        Box::pin(async { assert!(w.store.renew_session(&renew("se1"), &[]).await.unwrap()) })
    }),
    ("set_session_company", Recorded, |w| {
        Box::pin(async {
            let (id, before) = (session_id("se1"), digest("se1"));
            assert!(!w.store.set_session_company(&id, &before, &company_id("acme"), NOW).await.unwrap());
        })
    }),
    ("end_session", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.end_session(&session_id("se1"), None, NOW, &[]).await.unwrap().is_some());
        })
    }),
];
