//! The verbs about personal access tokens. They give nobody anything, and no token of a machine rests on one.

use tokenry_model::{Event, LastUse};
use tokenry_store::{CreatePat, IssueOutcome, OwnChange, ReplacePat, ReplacedPat, RevokePat, WarnOfPat};

use super::super::samples::*;
use super::Change;
use IssueOutcome::Recorded;

/// In an order in which each can.
pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("create_pat", Recorded, |w| {
        Box::pin(async {
            w.store.create_user(&user("usr_pat"), &[]).await.unwrap();
            let (pat, value) = (pat("p1", "usr_pat"), pat_value("v1", "p1", NOW));
            let created =
                w.store.create_pat(&pat, &value, 9, credential_change(Event::PatCreated, NOW)).await;
            assert_eq!(created.unwrap(), CreatePat::Created);
        })
    }),
    ("replace_pat", Recorded, |w| {
        Box::pin(async {
            let replace = ReplacePat {
                user_id: user_id("usr_pat"),
                seen: digest("v1"),
                value: pat_value("v2", "p1", NOW),
                overlap_until: None,
                most: 9,
                change: credential_change(Event::PatRefreshed, NOW),
            };
            let replaced = w.store.replace_pat(replace).await.unwrap();
            assert!(matches!(replaced, ReplacedPat::Replaced { .. }), "{replaced:?}");
        })
    }),
    ("touch_pats", Recorded, |w| {
        Box::pin(async {
            let used = LastUse { at: NOW, address: None, client: None };
            w.store.touch_pats(vec![(pat_value("v2", "p1", NOW).jti, used)]).await.unwrap();
        })
    }),
    ("warn_of_pat", Recorded, |w| {
        Box::pin(async {
            w.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
            let OwnChange { mail, record, .. } = own_change("usr_pat", 1, Event::PatExpiring);
            let (jti, user_id) = (pat_value("v2", "p1", NOW).jti, user_id("usr_pat"));
            let warn = WarnOfPat { jti, user_id, days: 7, mail, record };
            assert!(w.store.warn_of_pat(warn).await.unwrap());
        })
    }),
    ("revoke_pat", Recorded, |w| {
        Box::pin(async {
            let change = credential_change(Event::PatRevoked, NOW);
            let revoked = w.store.revoke_pat(&user_id("usr_pat"), &pat_id("p1"), change).await.unwrap();
            assert!(matches!(revoked, RevokePat::Revoked { .. }), "{revoked:?}");
        })
    }),
    ("delete_ended_pats", Recorded, |w| {
        Box::pin(async { assert_eq!(w.store.delete_ended_pats(NOW, 9).await.unwrap(), 1) })
    }),
];
