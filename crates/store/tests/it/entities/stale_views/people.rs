//! The verbs about people. No token of a machine rests on any of them; a user's tokens check the user's version.

use tokenry_model::{Event, UserState};
use tokenry_store::{
    AddPasskey, ChangePassword, Exported, IssueOutcome, OwnChange, ProfileChange, RoleUpdate, UsePasskey,
    UserUpdate,
};

use super::super::samples::*;
use super::{Change, World};
use IssueOutcome::Recorded;

/// In an order in which each can.
pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("create_user", Recorded, |w| {
        Box::pin(async { w.store.create_user(&user("usr_bob"), &[]).await.unwrap() })
    }),
    ("create_role", Recorded, |w| {
        Box::pin(async { w.store.create_role(&role("manager"), &[]).await.unwrap() })
    }),
    ("create_member", Recorded, |w| {
        Box::pin(async {
            let membership = membership("usr_carl", "acme", &["manager"]);
            w.store.create_member(&user("usr_carl"), &membership, &[]).await.unwrap();
            drop(w.store.delete_user(&user_id("usr_carl"), NOW, &[]).await.unwrap());
        })
    }),
    ("add_membership", Recorded, |w| {
        Box::pin(async {
            w.store.add_membership(&membership("usr_ann", "acme", &["manager"]), &[]).await.unwrap();
        })
    }),
    ("update_role", Recorded, |w| {
        Box::pin(async {
            let change = RoleUpdate { corporation_wide: Some(true), ..RoleUpdate::default() };
            w.store.update_role("manager", &change, NOW, &[]).await.unwrap();
        })
    }),
    ("set_membership_roles", Recorded, |w| {
        Box::pin(async {
            let none = membership("usr_ann", "acme", &[]);
            w.store.set_membership_roles(&none, NOW, &[]).await.unwrap();
        })
    }),
    ("delete_role", Recorded, |w| {
        Box::pin(async { assert!(w.store.delete_role("manager", NOW, &[]).await.unwrap()) })
    }),
    ("remove_membership", Recorded, |w| {
        Box::pin(async {
            let (ann, acme) = (user_id("usr_ann"), company_id("acme"));
            assert!(w.store.remove_membership(&ann, &acme, NOW, &[]).await.unwrap().is_some());
        })
    }),
    ("change_password", Recorded, |w| {
        Box::pin(async {
            let ann = w.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            let change = own_change("usr_ann", ann.version, Event::UserPasswordSet);
            let changed = w.store.change_password(change, "hash".to_owned(), HOUR).await.unwrap();
            assert!(matches!(changed, ChangePassword::Changed(_)));
        })
    }),
    ("end_sessions_of", Recorded, |w| {
        Box::pin(async { drop(w.store.end_sessions_of(&user_id("usr_ann"), NOW, &[]).await.unwrap()) })
    }),
    ("set_password", Recorded, |w| {
        Box::pin(async {
            drop(w.store.set_password(&user_id("usr_ann"), "hash", NOW, &[], None).await.unwrap());
        })
    }),
    ("rehash_password", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.rehash_password(&user_id("usr_ann"), "hash", "newer").await.unwrap());
        })
    }),
    ("propose_totp_seed", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.propose_totp_seed(&user_id("usr_ann"), b"seed", "dk", NOW).await.unwrap());
        })
    }),
    ("confirm_totp_seed", Recorded, |w| {
        Box::pin(async {
            let change = own(w, Event::UserSecondFactorAdded).await;
            assert!(w.store.confirm_totp_seed(change, b"seed", 7, &[digest("code")]).await.unwrap());
        })
    }),
    ("take_totp_step", Recorded, |w| {
        Box::pin(async { assert!(w.store.take_totp_step(&user_id("usr_ann"), b"seed", 8, 9).await.unwrap()) })
    }),
    ("use_recovery_code", Recorded, |w| {
        Box::pin(async {
            let OwnChange { user_id, now, record, mail, .. } = own(w, Event::UserRecoveryCodeUsed).await;
            assert!(w.store.use_recovery_code(&user_id, &digest("code"), now, &record, &mail).await.unwrap());
        })
    }),
    ("note_wrong_code", Recorded, |w| {
        Box::pin(async {
            let mail = own(w, Event::UserUpdated).await.mail;
            w.store.note_wrong_code(&user_id("usr_ann"), b"seed", 9, (1, &mail)).await.unwrap();
        })
    }),
    ("replace_recovery_codes", Recorded, |w| {
        Box::pin(async {
            let change = own(w, Event::UserRecoveryCodesMade).await;
            assert!(w.store.replace_recovery_codes(change, &[digest("other code")]).await.unwrap());
        })
    }),
    ("remove_totp_seed", Recorded, |w| {
        Box::pin(async {
            let change = own(w, Event::UserSecondFactorRemoved).await;
            assert!(w.store.remove_totp_seed(change).await.unwrap());
        })
    }),
    ("reset_second_factor", Recorded, |w| {
        Box::pin(async {
            let ann = user_id("usr_ann");
            assert!(w.store.propose_totp_seed(&ann, b"other", "dk", NOW).await.unwrap());
            let change = own(w, Event::UserSecondFactorAdded).await;
            assert!(w.store.confirm_totp_seed(change, b"other", 7, &[]).await.unwrap());
            assert!(w.store.reset_second_factor(&ann, NOW, &[], None).await.unwrap().is_some());
        })
    }),
    ("add_passkey", Recorded, |w| {
        Box::pin(async {
            let change = own(w, Event::UserPasskeyAdded).await;
            let (asked, passkey) = (asked("add"), passkey("usr_ann", "k"));
            let added = w.store.add_passkey(change, &asked, &passkey, &[], 9).await.unwrap();
            assert_eq!(added, AddPasskey::Added { first: true });
        })
    }),
    ("use_passkey", Recorded, |w| {
        Box::pin(async {
            let (asked, passkey) = (asked("use"), passkey("usr_ann", "k"));
            let used = w.store.use_passkey(&passkey, &asked, "{\"used\":1}", NOW).await.unwrap();
            assert_eq!(used, UsePasskey::Used);
        })
    }),
    ("remove_passkey", Recorded, |w| {
        Box::pin(async {
            let change = own(w, Event::UserPasskeyRemoved).await;
            assert!(w.store.remove_passkey(change, "k").await.unwrap());
        })
    }),
    ("change_profile", Recorded, |w| {
        Box::pin(async {
            let (user_id, record) = (user_id("usr_bob"), record(Event::UserUpdated));
            let seen = w.store.find_user(&user_id).await.unwrap().unwrap().version;
            let claims = serde_json::Map::new();
            let change = ProfileChange { user_id, seen, name: None, claims, now: NOW, record };
            assert!(w.store.change_profile(change).await.unwrap());
        })
    }),
    ("update_user", Recorded, |w| {
        Box::pin(async {
            w.store.update_user(&user_id("usr_bob"), &UserUpdate::default(), NOW, &[]).await.unwrap();
        })
    }),
    ("record_export", Recorded, |w| {
        Box::pin(async {
            let (bob, record) = (user_id("usr_bob"), record(Event::UserExported));
            let recorded = w.store.record_export(&bob, (1, NOW.minus(HOUR)), &record).await.unwrap();
            assert_eq!(recorded, Exported::Recorded);
        })
    }),
    ("ask_deletion", Recorded, |w| {
        Box::pin(async {
            let change = of_bob(w, Event::UserDeletionRequested).await;
            assert!(w.store.ask_deletion(change, NOW, Vec::new()).await.unwrap().is_some());
        })
    }),
    ("take_back_deletion", Recorded, |w| {
        Box::pin(async {
            let change = of_bob(w, Event::UserDeletionTakenBack).await;
            assert!(w.store.take_back_deletion(change).await.unwrap());
        })
    }),
    ("delete_leaving_user", Recorded, |w| {
        Box::pin(async {
            let (dora, record) = (user_id("usr_dora"), record(Event::UserDeleted));
            w.store.create_user(&user("usr_dora"), &[]).await.unwrap();
            let change = own_change("usr_dora", 1, Event::UserDeletionRequested);
            assert!(w.store.ask_deletion(change, NOW, Vec::new()).await.unwrap().is_some());
            let mail = own_change("usr_dora", 2, Event::UserDeleted).mail;
            assert!(w.store.delete_leaving_user(&dora, NOW, &mail, &record).await.unwrap().is_some());
        })
    }),
    ("set_user_state", Recorded, |w| {
        Box::pin(async {
            for state in [UserState::Disabled { at: NOW }, UserState::Enabled] {
                w.store.set_user_state(&user_id("usr_bob"), state, NOW, &[], None).await.unwrap();
            }
        })
    }),
    ("delete_user", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_user(&user_id("usr_bob"), NOW, &[]).await.unwrap().is_some());
        })
    }),
];

/// What bob, as he is now, does about his account.
async fn of_bob(world: &World, event: Event) -> OwnChange {
    let bob = world.store.find_user(&user_id("usr_bob")).await.unwrap().unwrap();
    own_change("usr_bob", bob.version, event)
}

/// What ann, as she is now, changes about how she signs in.
async fn own(world: &World, event: Event) -> OwnChange {
    let ann = world.store.find_user(&user_id("usr_ann")).await.unwrap().unwrap();
    own_change("usr_ann", ann.version, event)
}
