//! Session handles: one for a session at an API for a company, made while the decision holds and gone with what it rests on.

use rstest::rstest;
use tokenry_jose::Algorithm;
use tokenry_model::{Event, KeyState, TokenHandle, UserState};
use tokenry_store::{GuardEventKind, RenewSession, SessionKeyLeave, SessionView};

use super::Engine::{self, Postgres, Sqlite};
use super::World;
use super::samples::*;

/// API `timesheets`, company `acme`, and ann, who is its member, in the session `se1`. She was changed once.
async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    store.create_company(&company("acme"), &[]).await.unwrap();
    store.create_resource_server(&api("timesheets"), None, &[]).await.unwrap();
    store.create_resource_server(&api("payroll"), None, &[]).await.unwrap();
    store.create_user(&user("usr_ann"), &[]).await.unwrap();
    store.add_membership(&membership("usr_ann", "acme", &[]), &[]).await.unwrap();
    assert!(store.begin_session(&session("se1", "usr_ann"), 2, None, &[], None).await.unwrap());
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let keys = [
        signing_key("kid1", Algorithm::Es256, KeyState::Active { since: NOW }),
        signing_key("kid2", Algorithm::Es256, KeyState::Pending),
    ];
    store.init_signing_keys(Algorithm::Es256, &keys, NOW, &[]).await.unwrap();
    world
}

fn handle(text: &str) -> TokenHandle {
    TokenHandle::parse(text).unwrap()
}

fn acme() -> SessionView {
    session_view("se1", 2, Some("acme"))
}

async fn assign(world: &World, view: &SessionView, proposed: &str) -> Option<TokenHandle> {
    world.store.assign_session_handle(view, handle(proposed), NOW).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_session_has_one_handle_at_an_api_for_a_company(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let view = acme();
    assert_eq!(world.store.find_session_handle(&view).await.unwrap(), None);
    let one = async |store: &tokenry_store::Store, n: u8| {
        let proposed = handle(&format!("handle0000{n}"));
        store.assign_session_handle(&acme(), proposed, NOW).await.unwrap().unwrap()
    };
    let (a, b, c) = tokio::join!(one(&world.store, 1), one(&world.other, 2), one(&world.store, 3));
    assert_eq!((&a, &a), (&b, &c), "whoever comes first");
    assert_eq!(world.other.find_session_handle(&view).await.unwrap(), Some(a.clone()));
    let none = session_view("se1", 2, None);
    assert_eq!(assign(&world, &none, "handleofnon").await, Some(handle("handleofnon")));
    let payroll = SessionView { resource_server: (api_id("payroll"), 1), ..acme() };
    assert_eq!(assign(&world, &payroll, "handlepayro").await, Some(handle("handlepayro")));

    let of = async |handle: &TokenHandle, company: Option<&str>| {
        let company = company.map(company_id);
        world.store.find_session_of_handle(handle, &api_id("timesheets"), company.as_ref()).await.unwrap()
    };
    assert_eq!(of(&a, Some("acme")).await, Some(session_id("se1")));
    assert_eq!((of(&a, None).await, of(&handle("handlepayro"), Some("acme")).await), (None, None));
}

#[rstest]
#[tokio::test]
async fn nothing_is_assigned_or_recorded_for_what_holds_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let good = acme();
    let stale = [
        SessionView { digest: digest("another"), ..good.clone() },
        SessionView { session: session_id("se9"), ..good.clone() },
        SessionView { user_version: 1, ..good.clone() },
        SessionView { resource_server: (api_id("timesheets"), 2), ..good.clone() },
        SessionView { resource_server: (api_id("nowhere"), 1), ..good.clone() },
        SessionView { company: Some((company_id("acme"), 2)), ..good.clone() },
        SessionView { company: Some((company_id("globex"), 1)), ..good.clone() },
    ];
    for view in &stale {
        assert_eq!(assign(&world, view, "handlestale").await, None, "{view:?}");
    }
    let one = assign(&world, &good, "handlegood1").await.unwrap();
    let issued = record(Event::TokenIssued);
    let recorded = async |view: &SessionView, handle: &TokenHandle, kid: &str| {
        world.store.record_session_token(view, handle, kid, &issued).await.unwrap()
    };
    for view in &stale {
        assert!(!recorded(view, &one, "kid1").await, "{view:?}");
    }
    assert!(!recorded(&good, &handle("handleother"), "kid1").await);
    assert!(!recorded(&good, &one, "kid2").await, "that key does not sign yet");
    let count = async || world.events().await.iter().filter(|it| *it == Event::TokenIssued.as_str()).count();
    assert_eq!(count().await, 0);
    assert!(recorded(&good, &one, "kid1").await);
    assert_eq!(count().await, 1);

    let off = UserState::Disabled { at: NOW };
    world.store.set_user_state(&user_id("usr_ann"), off, NOW, &[]).await.unwrap();
    assert!(!recorded(&SessionView { user_version: 3, ..good.clone() }, &one, "kid1").await);
    assert_eq!(world.store.find_session_handle(&good).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_handle_goes_with_what_it_rests_on_and_guards_are_told(#[values(Sqlite, Postgres)] engine: Engine) {
    for (end, told) in [("session", 2), ("user", 2), ("membership", 1), ("role", 0), ("company", 1)] {
        let world = world(engine).await;
        let (ann, acme_id) = (user_id("usr_ann"), company_id("acme"));
        let (mine, none) = (acme(), session_view("se1", 2, None));
        assign(&world, &mine, "handleofone").await.unwrap();
        assign(&world, &none, "handleofnon").await.unwrap();
        let store = &world.store;
        let announced = match end {
            "session" => store.end_session(&session_id("se1"), None, NOW, &[]).await.unwrap().unwrap(),
            "user" => store.end_sessions_of(&ann, NOW, &[]).await.unwrap().1,
            "membership" => store.remove_membership(&ann, &acme_id, NOW, &[]).await.unwrap().unwrap(),
            "role" => {
                let same = membership("usr_ann", "acme", &[]);
                store.set_membership_roles(&same, NOW, &[]).await.unwrap()
            }
            _ => match store.set_company_state(&acme_id, Some(NOW), NOW, &[]).await.unwrap() {
                tokenry_store::Switch::Done { announced } => announced,
                other => panic!("{other:?}"),
            },
        };
        let left = [
            store.find_session_handle(&mine).await.unwrap(),
            store.find_session_handle(&none).await.unwrap(),
        ];
        assert_eq!(left.iter().flatten().count(), 2 - told, "{end}");
        assert!(!announced.is_empty(), "{end}");
    }
}

#[rstest]
#[tokio::test]
async fn handles_are_kept_until_what_was_issued_under_them_has_ended(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    assign(&world, &acme(), "handleofone").await.unwrap();
    let session = world.store.find_session_by_id(&session_id("se1")).await.unwrap().unwrap();
    let last = session.expires_at.plus(tokenry_store::SESSION_TOKEN_TTL);
    let before = tokenry_clock::Timestamp::from_millis(last.as_millis() - 1);
    assert_eq!(world.store.delete_expired_session_handles(before, 9).await.unwrap(), 0);
    assert_eq!(world.store.delete_expired_session_handles(last, 9).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn guards_are_told_of_a_user_whose_cookie_says_another_thing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let store = &world.store;
    let told = async || {
        store.number_guard_events(99).await.unwrap();
        let events = store.guard_events_after(&api_id("timesheets"), 0, 99).await.unwrap();
        events.iter().filter(|event| matches!(event.kind, GuardEventKind::SubjectChanged { .. })).count()
    };
    let renewed = RenewSession { user_version: 2, ..renew("se1") };
    assert_eq!(told().await, 0);
    let elsewhere = world.other.guard_counter(&api_id("payroll")).await.unwrap();
    assert!(
        store
            .set_session_company(&session_id("se1"), &digest("se1"), &company_id("acme"), NOW)
            .await
            .unwrap()
    );
    assert_eq!(told().await, 0, "it was used nowhere");
    assign(&world, &acme(), "handleofone").await.unwrap();
    assert!(
        store
            .set_session_company(&session_id("se1"), &digest("se1"), &company_id("acme"), NOW)
            .await
            .unwrap()
    );
    assert_eq!(told().await, 1);
    assert!(store.renew_session(&renewed, &[]).await.unwrap());
    assert_eq!(told().await, 2);
    assert!(store.init_session_key(session_key("sk1"), &[]).await.unwrap());
    let retired = SessionKeyLeave::Retired { at: NOW };
    assert!(store.rotate_session_key("sk1", retired, session_key("sk2"), &[]).await.unwrap());
    assert_eq!(told().await, 2, "what it sealed can still be opened");
    assert!(store.rotate_session_key("sk2", SessionKeyLeave::AtOnce, session_key("sk3"), &[]).await.unwrap());
    assert_eq!(told().await, 3);
    store.number_guard_events(99).await.unwrap();
    let after = world.other.guard_counter(&api_id("payroll")).await.unwrap();
    assert_eq!(after - elsewhere, 1, "of the leaked key, and of nothing that was not used there");
}
