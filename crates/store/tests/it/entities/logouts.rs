//! Logout tokens: noted for each client of a session that ends, once, and each one sender's at a time.

use rstest::rstest;
use tokenry_model::{Client, ClientState, Event, LogoutOutcome, UserState};
use tokenry_store::{
    BeginSession, ClientUpdate, CodeRedemption, LeasedLogout, ListedLogout, LogoutKey, RedeemCode,
};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::{begin, code_issue, insert_session, issue, redemption, view, world_of_families};
use super::samples::*;
use super::{World, race};

const DAY: u64 = 86_400;

fn key(session: &str, client: &str) -> LogoutKey {
    LogoutKey { session_id: session_id(session), client_id: client_id(client) }
}

/// Ann, signed in by `sid1` to `web`, which wants to be told.
async fn world(engine: Engine) -> World {
    let world = world_of_families(engine).await;
    let told = Some(Some("https://web.example/logout".to_owned()));
    let change = ClientUpdate { backchannel_logout_uri: told, ..ClientUpdate::default() };
    world.store.update_client(&client_id("web"), &change, NOW, &[]).await.unwrap();
    begin(&world, "aaaaaaaaaaa").await;
    world
}

/// Signs ann in to `client` by `session`, as redeeming a code leaves it.
fn signed_in(world: &World, session: &str, client: &str) {
    world
        .database
        .tamper(&format!("INSERT INTO session_clients VALUES ('{session}', '{client}', 'usr_ann', 0)"));
}

async fn listed(world: &World) -> Vec<ListedLogout> {
    world.other.list_logouts(None, 99).await.unwrap()
}

async fn keys(world: &World) -> Vec<LogoutKey> {
    listed(world).await.into_iter().map(|listed| listed.logout.key).collect()
}

#[rstest]
#[tokio::test]
async fn out_07_whoever_ends_a_session_its_clients_are_to_be_told(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let ann = user_id("usr_ann");
    for way in
        ["session", "everywhere", "password", "disable", "delete", "somebody else", "restore", "expiry"]
    {
        let world = world(engine).await;
        let store = &world.store;
        match way {
            "session" => drop(store.end_session(&session_id("sid1"), None, NOW, &[]).await.unwrap()),
            "everywhere" => drop(store.end_sessions_of(&ann, NOW, &[]).await.unwrap()),
            "password" => drop(store.set_password(&ann, "hash", NOW, &[], None).await.unwrap()),
            "disable" => {
                let state = UserState::Disabled { at: NOW };
                drop(store.set_user_state(&ann, state, NOW, &[], None).await.unwrap());
            }
            "restore" => drop(store.end_all_tokens(NOW).await.unwrap()),
            "delete" => drop(store.delete_user(&ann, NOW, &[]).await.unwrap()),
            "somebody else" => {
                store.create_user(&user("usr_bob"), &[]).await.unwrap();
                let replaced = Some(session_id("sid1"));
                let begin = BeginSession { replaced, ..beginning(session("se1", "usr_bob"), 1) };
                assert!(store.begin_session(&begin, &[]).await.unwrap());
            }
            _ => assert_eq!(store.delete_expired_sessions(NOW, 9).await.unwrap(), 1),
        }
        let told = if way == "expiry" { vec![] } else { vec![key("sid1", "web")] };
        assert_eq!(keys(&world).await, told, "{way}");
        if way == "expiry" {
            store.end_sessions_of(&ann, NOW, &[]).await.unwrap();
            assert_eq!(keys(&world).await, [key("sid1", "web")], "also of a session that is long over");
        }
    }
}

#[rstest]
#[tokio::test]
async fn who_has_no_address_or_is_barred_or_was_told_is_not_to_be_told(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let store = &world.store;
    let uri = Some("https://a.example/logout".to_owned());
    let barred =
        Client { backchannel_logout_uri: uri, state: ClientState::Disabled { at: NOW }, ..client("barred") };
    for client in [client("silent"), barred] {
        store.create_client(&client, None, &[], &[]).await.unwrap();
        signed_in(&world, "sid1", client.id.as_str());
    }
    signed_in(&world, "sid9", "web");
    let sid1 = session_id("sid1");
    let end = || store.end_session(&sid1, None, NOW, &[]);
    assert!(end().await.unwrap().is_some());
    assert_eq!(keys(&world).await, [key("sid1", "web")], "and no other session is meant");
    signed_in(&world, "sid1", "web");
    insert_session(&world, "sid1");
    assert!(end().await.unwrap().is_some());
    assert_eq!(keys(&world).await.len(), 1, "once");
    // Who redeems a code once the session has ended signs nobody in.
    insert_session(&world, "sid1");
    let issue = code_issue(&world, "bbbbbbbbbbb").await;
    store.issue_code(issue).await.unwrap();
    end().await.unwrap();
    let late = redemption("bbbbbbbbbbb", later(1), view(&world).await);
    assert_ne!(store.redeem_code(late).await.unwrap(), tokenry_store::RedeemCode::First);
    store.end_sessions_of(&user_id("usr_ann"), NOW, &[]).await.unwrap();
    assert_eq!(keys(&world).await, [key("sid1", "web"), key("sid9", "web")]);
}

/// Without an ID token a client knows no session; with one it does, whatever it asks for after.
#[rstest]
#[tokio::test]
async fn a_client_is_told_if_it_was_issued_an_id_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    let store = &world.store;
    let told = Some(Some("https://web.example/logout".to_owned()));
    let change = ClientUpdate { backchannel_logout_uri: told, ..ClientUpdate::default() };
    store.update_client(&client_id("web"), &change, NOW, &[]).await.unwrap();
    for (name, id_tokens, expected) in
        [("aaaaaaaaaaa", &[false][..], vec![]), ("bbbbbbbbbbb", &[true, false], vec![key("sid1", "web")])]
    {
        for (n, &id_token) in (0..).zip(id_tokens) {
            let name = format!("{}{n}", &name[1..]);
            issue(&world, &name).await;
            let redemption = CodeRedemption { id_token, ..redemption(&name, later(1), view(&world).await) };
            assert_eq!(store.redeem_code(redemption).await.unwrap(), RedeemCode::First);
        }
        assert!(store.end_session(&session_id("sid1"), None, NOW, &[]).await.unwrap().is_some());
        assert_eq!(keys(&world).await, expected, "{name}");
        insert_session(&world, "sid1");
    }
}

/// Five ended sessions of `web`, one of `app`.
async fn six(engine: Engine) -> World {
    let world = world(engine).await;
    let uri = Some("https://app.example/logout".to_owned());
    let app = Client { backchannel_logout_uri: uri, ..client("app") };
    world.store.create_client(&app, None, &[], &[]).await.unwrap();
    for n in 0..5 {
        let (created, due) = (NOW.as_millis(), NOW.as_millis() + n);
        world.database.tamper(&format!(
            "INSERT INTO logout_outbox VALUES ('s{n}', 'web', 'usr_ann', {created}, 0, {due}, 0, NULL, NULL, NULL)"
        ));
    }
    let created = NOW.as_millis();
    world.database.tamper(&format!(
        "INSERT INTO logout_outbox VALUES ('s0', 'app', 'usr_ann', {created}, 0, {created}, 0, NULL, NULL, NULL)"
    ));
    world
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_logout_token_is_one_senders_at_a_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = six(engine).await;
    let since = NOW.minus(HOUR);
    let due = world.store.find_clients_with_due_logouts(later(10), since, 9).await.unwrap();
    assert_eq!(due.len(), 2);
    let web = client_id("web");
    let taken = race(&world, 8, |store, _| async move {
        store.lease_logouts(&client_id("web"), later(10), later(70), NOW.minus(HOUR), 2).await.unwrap()
    })
    .await;
    let mut taken: Vec<_> = taken.into_iter().flatten().map(|leased| leased.key.session_id).collect();
    taken.sort();
    assert_eq!(taken, ["s0", "s1", "s2", "s3", "s4"].map(session_id));
    let due = world.other.find_clients_with_due_logouts(later(10), since, 9).await.unwrap();
    assert_eq!(due, [client_id("app")], "one client's hold no other's up");
    let record = record(Event::LogoutDelivered);
    let end = |key, outcome| world.store.end_logout(key, outcome, "200", later(20), &record);
    let s0 = key("s0", "web");
    assert!(end(&s0, LogoutOutcome::Delivered).await.unwrap());
    assert!(!end(&s0, LogoutOutcome::GivenUp).await.unwrap(), "what became of it is known");
    world.store.logout_failed(&key("s1", "web"), "503", later(500)).await.unwrap();
    world.store.logout_failed(&s0, "503", later(1)).await.unwrap();
    let again = world.other.lease_logouts(&web, later(70), later(130), since, 9).await.unwrap();
    let later_on = world.other.lease_logouts(&web, later(500), later(560), since, 9).await.unwrap();
    let waited = later_on.iter().find(|leased| leased.key == key("s1", "web")).unwrap();
    assert_eq!((waited.attempts, waited.last_answer.as_deref()), (2, Some("503")), "and what came of it");
    let mut again: Vec<_> =
        again.into_iter().map(|leased| (leased.key.session_id.to_string(), leased.attempts)).collect();
    again.sort();
    let expected = ["s2", "s3", "s4"].map(|id| (id.to_owned(), 2));
    assert_eq!(again, expected, "whoever had them is gone, one is to wait, and one is done");
    let events = world.events().await;
    assert_eq!(events.iter().filter(|event| *event == "logout.delivered").count(), 1);
    let first = listed(&world).await.into_iter().find(|it| it.logout.key == s0).unwrap();
    assert_eq!(first.ended, Some((LogoutOutcome::Delivered, later(20))));
    assert_eq!(first.logout.last_answer.as_deref(), Some("200"));
}

#[rstest]
#[tokio::test]
async fn what_nobody_took_is_given_up_with_a_record_each(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = six(engine).await;
    let (store, web) = (&world.store, client_id("web"));
    let held = store.lease_logouts(&web, later(1), later(2 * DAY), NOW.minus(HOUR), 1).await.unwrap();
    let held = held.into_iter().map(|LeasedLogout { key, .. }| key).next().unwrap();
    let record = record(Event::LogoutGivenUp);
    assert_eq!(store.give_up_logouts(NOW.minus(HOUR), later(DAY), 9, &record).await.unwrap(), 0);
    assert_eq!(store.give_up_logouts(NOW, later(DAY), 9, &record).await.unwrap(), 5);
    assert_eq!(store.give_up_logouts(NOW, later(DAY), 9, &record).await.unwrap(), 0);
    let waiting: Vec<_> = listed(&world).await.into_iter().filter(|it| it.ended.is_none()).collect();
    assert_eq!(waiting.iter().map(|it| &it.logout.key).collect::<Vec<_>>(), [&held], "one is being sent");
    let records = world.other.list_audit(0, 99).await.unwrap();
    let given_up: Vec<_> = records.iter().filter(|it| it.event == "logout.given_up").collect();
    assert_eq!(given_up.len(), 5);
    assert!(
        given_up.iter().any(|it| it.subject_id.as_deref() == Some("s0") && it.detail.contains("\"app\""))
    );
    assert_eq!(store.delete_ended_logouts(later(DAY - 1), 9).await.unwrap(), 0);
    assert_eq!(store.delete_ended_logouts(later(DAY), 9).await.unwrap(), 5);
    assert_eq!(store.delete_old_session_clients(NOW, 9).await.unwrap(), 0);
    assert_eq!(
        store.delete_old_session_clients(later(1), 9).await.unwrap(),
        1,
        "sid1, redeemed at one second"
    );
    let page = store.list_logouts(Some(&held), 9).await.unwrap();
    assert_eq!(page, [], "nothing after the last");
}
