//! The verbs of families: what a user lets one client do changes nothing about what another decided on.

use tokenry_model::{Consent, Event};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::{IssueCode, IssueOutcome, RedeemCode, RotateRefreshToken, TakeBackScope};

use super::super::family_world::{
    begin, code_issue, handle, insert_session, issue, presented, redemption, request, spending, view,
};
use super::super::samples::*;
use super::Change;
use IssueOutcome::Recorded;

const FAMILY: &str = "aaaaaaaaaaa";

pub(super) const VERBS: &[(&str, IssueOutcome, Change)] = &[
    ("issue_code", Recorded, |w| {
        Box::pin(async {
            w.store.create_client(&client("web"), None, &[], &[]).await.unwrap();
            insert_session(w, "sid1");
            let issued = w.store.issue_code(code_issue(w, FAMILY).await).await.unwrap();
            assert_eq!(issued, IssueCode::Issued);
        })
    }),
    ("redeem_code", Recorded, |w| {
        Box::pin(async {
            let redeemed = w.store.redeem_code(redemption(FAMILY, later(1), view(w).await)).await.unwrap();
            assert_eq!(redeemed, RedeemCode::First);
        })
    }),
    ("rotate_refresh_token", Recorded, |w| {
        Box::pin(async {
            let rotation = spending(FAMILY, "aaaaaaaaaaa 0", "one", later(2), view(w).await);
            let rotated = w.store.rotate_refresh_token(rotation).await.unwrap();
            assert_eq!(rotated, RotateRefreshToken::Rotated);
        })
    }),
    ("end_reused_family", Recorded, |w| {
        Box::pin(async {
            begin(w, "eeeeeeeeeee").await;
            let rotation = spending("eeeeeeeeeee", "eeeeeeeeeee 0", "two", later(2), view(w).await);
            w.store.rotate_refresh_token(rotation).await.unwrap();
            let ended = w.store.end_reused_family(presented("eeeeeeeeeee 0", later(900))).await.unwrap();
            assert!(ended.is_some());
        })
    }),
    ("burn_code", Recorded, |w| {
        Box::pin(async {
            issue(w, "bbbbbbbbbbb").await;
            let records = [record(Event::CodeBurned)];
            assert!(w.store.burn_code(&digest("bbbbbbbbbbb"), later(1), &records).await.unwrap());
        })
    }),
    ("end_family", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.end_family(&handle(FAMILY), NOW, &[]).await.unwrap().is_some());
        })
    }),
    ("deny_request", Recorded, |w| {
        Box::pin(async {
            let records = [record(Event::ConsentDenied)];
            assert!(w.store.deny_request(&request("ddddddddddd"), &records).await.unwrap());
        })
    }),
    ("delete_expired_answered_requests", Recorded, |w| {
        Box::pin(async {
            assert!(w.store.delete_expired_answered_requests(later(90_000), 9).await.unwrap() > 0);
        })
    }),
    ("grant_consents", Recorded, |w| {
        Box::pin(async { w.store.grant_consents(&[consent()], &[]).await.unwrap() })
    }),
    ("take_back_scope", Recorded, |w| {
        Box::pin(async {
            let Consent { user_id, client_id, .. } = consent();
            let taken = TakeBackScope {
                user_id,
                client_id,
                resource_server_id: None,
                tenant: None,
                scope: ScopeToken::parse("openid").unwrap(),
                now: NOW,
                narrowed: record(Event::ConsentNarrowed),
                revoked: record(Event::ConsentRevoked),
            };
            assert!(w.store.take_back_scope(taken).await.unwrap().is_some());
            w.store.grant_consents(&[consent()], &[]).await.unwrap();
        })
    }),
    ("revoke_consents", Recorded, |w| {
        Box::pin(async {
            let it = consent();
            let ended = w.store.revoke_consents(&it.user_id, &it.client_id, NOW, &[]).await.unwrap();
            assert!(ended.is_some());
        })
    }),
    ("delete_expired_token_families", Recorded, |w| {
        Box::pin(async {
            begin(w, "ccccccccccc").await;
            assert_eq!(w.store.delete_expired_token_families(later(90_000), 9).await.unwrap(), 1);
            w.database.tamper("DELETE FROM sessions");
        })
    }),
];

fn consent() -> Consent {
    Consent {
        user_id: user_id("usr_ann"),
        client_id: client_id("web"),
        resource_server_id: None,
        tenant: None,
        scope: Scope::parse("openid").unwrap(),
        created_at: NOW,
        updated_at: NOW,
    }
}
