//! The verbs about account secrets. They give nobody anything, and no token of a machine rests on one.

use tokenry_model::{Event, LastUse};
use tokenry_store::{
    AssignAccountSecret, EndDeveloper, EndedDeveloper, IssueOutcome, ReplaceAccountSecret,
    ReplacedAccountSecret, RevealAccountSecret, RevokeAccountSecret,
};

use super::super::samples::*;
use super::Change;
use IssueOutcome::Recorded;

/// In an order in which each can.
pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("create_developer", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            let secret = account_secret("v0", "usr_made", NOW);
            let change = credential_change(Event::AccountSecretAssigned, NOW);
            w.store.create_developer(&user("usr_made"), None, &secret, change).await.unwrap();
        })
    }),
    ("assign_account_secret", Recorded, |w| {
        Box::pin(async {
            w.store.create_user(&user("usr_dev"), &[]).await.unwrap();
            let change = credential_change(Event::AccountSecretAssigned, NOW);
            let assigned = w.store.assign_account_secret(account_secret("v1", "usr_dev", NOW), change).await;
            assert_eq!(assigned.unwrap(), AssignAccountSecret::Assigned);
        })
    }),
    ("reveal_account_secret", Recorded, |w| {
        Box::pin(async {
            let change = credential_change(Event::AccountSecretRevealed, NOW);
            let (user, id) = (user_id("usr_dev"), secret_id("v1"));
            let shown = w.store.reveal_account_secret(&user, &id, change).await.unwrap();
            assert_eq!(shown, RevealAccountSecret::Revealed);
        })
    }),
    ("replace_account_secret", Recorded, |w| {
        Box::pin(async {
            let replace = ReplaceAccountSecret {
                seen: Some(secret_id("v1")),
                secret: account_secret("v2", "usr_dev", NOW),
                overlap_until: Some(later(1)),
                change: credential_change(Event::AccountSecretRotated, NOW),
            };
            let replaced = w.store.replace_account_secret(replace).await.unwrap();
            assert!(matches!(replaced, ReplacedAccountSecret::Replaced { .. }), "{replaced:?}");
        })
    }),
    ("touch_account_secrets", Recorded, |w| {
        Box::pin(async {
            let used = LastUse { at: NOW, address: None, client: None };
            let jti = account_secret("v2", "usr_dev", NOW).jti;
            w.store.touch_account_secrets(vec![(jti, used)]).await.unwrap();
        })
    }),
    ("delete_expired_account_secrets", Recorded, |w| {
        Box::pin(async {
            assert_eq!(w.store.delete_expired_account_secrets(later(1), 9).await.unwrap(), 1);
        })
    }),
    ("revoke_account_secret", Recorded, |w| {
        Box::pin(async {
            let change = credential_change(Event::AccountSecretRevoked, NOW);
            let revoked = w.store.revoke_account_secret(&user_id("usr_dev"), change).await.unwrap();
            assert!(matches!(revoked, RevokeAccountSecret::Revoked { .. }), "{revoked:?}");
        })
    }),
    ("end_developer", Recorded, |w| {
        Box::pin(async {
            let revoked = credential_change(Event::AccountSecretRevoked, NOW);
            let updated = record(Event::UserUpdated);
            let end = EndDeveloper { user_id: user_id("usr_dev"), updated, revoked };
            let ended = w.store.end_developer(end).await.unwrap();
            assert!(matches!(ended, EndedDeveloper::Ended { .. }), "{ended:?}");
        })
    }),
];
