//! What the tests of families begin with: ann, signed in, and a web application that she lets act for her.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    AuthMethod, AuthorizationCode, Event, RefreshToken, RefreshTokenState, SessionId, Tenant, TokenFamily,
    TokenHandle,
};
use tokenry_protocol::scope::Scope;
use tokenry_store::{
    CodeIssue, CodeRedemption, FamilyIssue, FamilyView, FirstRefreshToken, IssueCode, PendingRequest,
    PresentedRefreshToken, RefreshRotation, Store,
};

use super::Engine;
use super::World;
use super::samples::*;

/// How long a spent refresh token may be repeated in these tests.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Client `web` with API `timesheets`, user `usr_ann` of `acme`, and her session `sid1`.
pub(crate) async fn world_of_families(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_company(&company("acme"), &[]).await.unwrap();
    store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    store.create_client(&client("web"), None, &[grant("gw", "web", "timesheets")], &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &[]), &[]).await.unwrap();
    insert_session(&world, "sid1");
    world
}

/// A session of ann's, as signing in leaves one.
pub(crate) fn insert_session(world: &World, id: &str) {
    let digest = if matches!(world.database, super::Database::Sqlite(_)) {
        format!("randomblob(32 + 0 * length('{id}'))")
    } else {
        format!("sha256('{id}'::bytea)")
    };
    world.database.tamper(&format!(
        "INSERT INTO sessions (id, digest, user_id, auth_time, amr, user_agent, created_at, last_seen_at, expires_at) \
         VALUES ('{id}', {digest}, 'usr_ann', 0, '[\"pwd\"]', '', 0, 0, 0)"
    ));
}

pub(crate) fn handle(text: &str) -> TokenHandle {
    TokenHandle::parse(text).unwrap()
}

/// A family of ann's with `web` for `acme`, in session `sid1`, until ten hours from now.
pub(crate) fn family(name: &str) -> TokenFamily {
    TokenFamily {
        handle: handle(name),
        client_id: client_id("web"),
        user_id: user_id("usr_ann"),
        session_id: SessionId::parse("sid1").unwrap(),
        resource_server_id: Some(api_id("timesheets")),
        tenant: Some(Tenant { company: company_id("acme"), corporation: None }),
        scope: Scope::parse("openid offline_access read:timesheets").unwrap(),
        auth_time: NOW,
        amr: vec![AuthMethod::Password, AuthMethod::OneTimePassword],
        claims_request: serde_json::from_str(r#"{"id_token":{"email":null}}"#).unwrap(),
        longest_ttl: HOUR,
        created_at: NOW,
        expires_at: later(36_000),
    }
}

/// The code of a family, called after it, valid for a minute.
pub(crate) fn code(name: &str) -> AuthorizationCode {
    AuthorizationCode {
        digest: digest(name),
        handle: handle(name),
        redirect_uri: "https://web.example/callback".to_owned(),
        code_challenge: Some("challenge".to_owned()),
        nonce: Some("n-1".to_owned()),
        created_at: NOW,
        expires_at: later(60),
        redeemed_at: None,
    }
}

/// The request that a family's code answers, for an hour.
pub(crate) fn request(name: &str) -> PendingRequest {
    PendingRequest { id: format!("request of {name}"), ends_at: later(3_600) }
}

/// A refresh token called `id`, for an hour after `at`.
pub(crate) fn refresh_token(id: &str, family: &str, at: Timestamp) -> RefreshToken {
    let (digest, handle) = (digest(id), handle(family));
    let expires_at = at.plus(HOUR);
    RefreshToken { digest, handle, created_at: at, expires_at, state: RefreshTokenState::Fresh }
}

/// What a decision reads now.
pub(crate) async fn view(world: &World) -> FamilyView {
    let store = &world.other;
    let company = store.find_company(&company_id("acme")).await.unwrap();
    FamilyView {
        client: store.find_client(&client_id("web")).await.unwrap().unwrap().version,
        user: store.find_user(&user_id("usr_ann")).await.unwrap().unwrap().version,
        resource_server: store
            .find_resource_server(&api_id("timesheets"))
            .await
            .unwrap()
            .map(|it| it.version),
        company: company.map(|it| it.version),
    }
}

pub(crate) async fn code_issue(world: &World, name: &str) -> CodeIssue {
    let (family, code, request) = (family(name), code(name), request(name));
    CodeIssue { family, code, request, view: view(world).await, record: record(Event::CodeIssued) }
}

/// Issues the code of a family.
pub(crate) async fn issue(world: &World, name: &str) {
    let issue = code_issue(world, name).await;
    assert_eq!(world.store.issue_code(issue).await.unwrap(), IssueCode::Issued);
}

pub(crate) fn tokens(view: FamilyView) -> FamilyIssue {
    FamilyIssue { view, kids: Vec::new(), ttl: HOUR, opaque: None, record: record(Event::TokenIssued) }
}

/// The redemption of a family's code at `at`, for a refresh token called `{name} 0`.
pub(crate) fn redemption(name: &str, at: Timestamp, view: FamilyView) -> CodeRedemption {
    CodeRedemption {
        digest: digest(name),
        at,
        issue: tokens(view),
        id_token: true,
        refresh_token: Some(FirstRefreshToken {
            token: refresh_token(&format!("{name} 0"), name, at),
            family_ends_at: later(36_000),
        }),
        replay: record(Event::CodeReplayed),
    }
}

/// A family whose code has been redeemed.
pub(crate) async fn begin(world: &World, name: &str) {
    issue(world, name).await;
    let redeemed = world.store.redeem_code(redemption(name, later(1), view(world).await)).await.unwrap();
    assert_eq!(redeemed, tokenry_store::RedeemCode::First);
}

/// Spends the refresh token `spent` of a family for `next`.
pub(crate) fn spending(
    family: &str,
    spent: &str,
    next: &str,
    at: Timestamp,
    view: FamilyView,
) -> RefreshRotation {
    RefreshRotation {
        presented: presented(spent, at),
        successor: refresh_token(next, family, at),
        sealed: next.as_bytes().to_vec(),
        issue: tokens(view),
    }
}

/// The refresh token `id` as it is presented at `at`, when it may have been spent before.
pub(crate) fn presented(id: &str, at: Timestamp) -> PresentedRefreshToken {
    PresentedRefreshToken { digest: digest(id), at, grace: GRACE, reuse: record(Event::RefreshTokenReused) }
}

pub(crate) async fn lives(store: &Store, name: &str) -> bool {
    store.find_token_family(&handle(name)).await.unwrap().is_some()
}
