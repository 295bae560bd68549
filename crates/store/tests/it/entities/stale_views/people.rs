//! The verbs about people. No token of a machine rests on any of them; a user's tokens check the user's version.

use tokenry_model::UserState;
use tokenry_store::{IssueOutcome, RoleUpdate, UserUpdate};

use super::super::samples::*;
use super::Change;
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
    ("set_password", Recorded, |w| {
        Box::pin(async { drop(w.store.set_password(&user_id("usr_ann"), "hash", NOW, &[]).await.unwrap()) })
    }),
    ("rehash_password", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.rehash_password(&user_id("usr_ann"), "hash", "newer").await.unwrap());
        })
    }),
    ("propose_totp_seed", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            assert!(w.store.propose_totp_seed(&user_id("usr_ann"), b"seed", "dk", NOW).await.unwrap());
        })
    }),
    ("confirm_totp_seed", Recorded, |w| {
        Box::pin(async {
            let (ann, codes) = (user_id("usr_ann"), [digest("code")]);
            assert!(w.store.confirm_totp_seed(&ann, b"seed", 7, &codes, NOW, &[]).await.unwrap());
        })
    }),
    ("take_totp_step", Recorded, |w| {
        Box::pin(async { assert!(w.store.take_totp_step(&user_id("usr_ann"), b"seed", 8).await.unwrap()) })
    }),
    ("use_recovery_code", Recorded, |w| {
        Box::pin(async {
            let ann = user_id("usr_ann");
            assert!(w.store.use_recovery_code(&ann, &digest("code"), NOW, &[]).await.unwrap());
        })
    }),
    ("replace_recovery_codes", Recorded, |w| {
        Box::pin(async {
            let (ann, codes) = (user_id("usr_ann"), [digest("other code")]);
            assert!(w.store.replace_recovery_codes(&ann, &codes, &[]).await.unwrap());
        })
    }),
    ("remove_totp_seed", Recorded, |w| {
        Box::pin(async { assert!(w.store.remove_totp_seed(&user_id("usr_ann"), NOW, &[]).await.unwrap()) })
    }),
    ("reset_second_factor", Recorded, |w| {
        Box::pin(async {
            let ann = user_id("usr_ann");
            assert!(w.store.propose_totp_seed(&ann, b"other", "dk", NOW).await.unwrap());
            assert!(w.store.reset_second_factor(&ann, NOW, &[]).await.unwrap().is_some());
        })
    }),
    ("update_user", Recorded, |w| {
        Box::pin(async {
            w.store.update_user(&user_id("usr_bob"), &UserUpdate::default(), NOW, &[]).await.unwrap();
        })
    }),
    ("set_user_state", Recorded, |w| {
        Box::pin(async {
            for state in [UserState::Disabled { at: NOW }, UserState::Enabled] {
                w.store.set_user_state(&user_id("usr_bob"), state, NOW, &[]).await.unwrap();
            }
        })
    }),
    ("delete_user", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_user(&user_id("usr_bob"), NOW, &[]).await.unwrap().is_some());
        })
    }),
];
