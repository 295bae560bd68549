//! The verbs about addresses: no token of a machine rests on them.

use tokenry_model::Event;
use tokenry_store::IssueOutcome::Recorded;
use tokenry_store::{ConfirmedAddress, WishSide, WishedAddress};

use super::super::address_changes::{confirm, undo, wish};
use super::super::samples::*;
use super::Verb;

const NEW: &str = "ann@new.example";

/// In an order in which each can.
pub(super) const VERBS: &[Verb] = &[
    ("wish_address", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            let ann = w.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
            assert_eq!(w.store.wish_address(wish(&ann, "w", NEW, NOW)).await.unwrap(), WishedAddress::Asked);
        })
    }),
    ("call_off_address", Recorded, |w| {
        Box::pin(async {
            let (ann, record) = (user_id("usr_ann"), record(Event::UserAddressCalledOff));
            assert!(w.store.call_off_address(&ann, NOW, &record).await.unwrap());
        })
    }),
    ("confirm_address", Recorded, |w| {
        Box::pin(async {
            let ann = w.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
            w.store.wish_address(wish(&ann, "x", NEW, NOW)).await.unwrap();
            let allowed = w.store.confirm_address(confirm("x", WishSide::Allow, NOW)).await.unwrap();
            assert_eq!(allowed, ConfirmedAddress::Waiting);
            let claimed = w.store.confirm_address(confirm("x", WishSide::Claim, NOW)).await.unwrap();
            assert_eq!(claimed, ConfirmedAddress::Done);
        })
    }),
    ("undo_address", Recorded, |w| {
        Box::pin(async { assert!(w.store.undo_address(undo("x", NOW)).await.unwrap().is_some()) })
    }),
    ("set_address", Recorded, |w| {
        Box::pin(async {
            let (ann, record) = (user_id("usr_ann"), record(Event::UserAddressChanged));
            w.store.set_address(&ann, (NEW, None), None, NOW, &record).await.unwrap();
        })
    }),
    ("delete_old_address_changes", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_old_address_changes(later(8 * 86_400), 9).await.unwrap(), 2);
        })
    }),
];
