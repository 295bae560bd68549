//! What happened to one user is found among all that is recorded, by indexes alone.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, ClientId, Event, Outcome, Record, SessionId, Subject};
use tokenry_store::{Exported, statements};

use super::Engine::{self, Postgres, Sqlite};
use super::samples::*;
use super::{World, race};

fn by(user: &str, event: Event, subject: Subject) -> Record {
    Record::new(NOW, event, Actor::User(user_id(user)), Some(subject))
}

fn of(user: &str, event: Event, actor: Actor) -> Record {
    Record::new(NOW, event, actor, Some(Subject::User(user_id(user))))
}

fn session_of(id: &str) -> Subject {
    Subject::Session(SessionId::parse(id).unwrap())
}

/// Everything about `user`, and what of it is told: by its request's name.
fn all_about(user: &str, named: &str) -> Vec<Record> {
    let app = Subject::Client(ClientId::parse("web").unwrap());
    let session = format!("session-of-{user}");
    let mut refused = of(user, Event::SignInRefused, Actor::Anonymous);
    refused.outcome = Outcome::Refused("wrong_password");
    let records = [
        by(user, Event::SessionStarted, session_of(&session)),
        by(user, Event::ConsentGranted, app.clone()),
        by(user, Event::CodeIssued, Subject::Token("jti".to_owned())),
        by(user, Event::TokenRefused, app),
        by(user, Event::UserPasswordSet, Subject::User(user_id(user))),
        of(user, Event::MembershipAdded, Actor::Operator),
        refused,
        Record::new(NOW, Event::SessionEnded, Actor::Operator, Some(session_of(&session))),
        Record::new(NOW, Event::LogoutDelivered, Actor::System, Some(session_of(&session))),
    ];
    records.into_iter().map(|record| Record { request_id: Some(named.to_owned()), ..record }).collect()
}

/// The events of what is found, each of which must be `named`.
async fn found(world: &World, user: &str, since: Timestamp, limit: i64, named: &str) -> Vec<String> {
    let found = world.other.list_audit_of_user(&user_id(user), since, limit).await.unwrap();
    assert!(found.iter().all(|it| it.request_id.as_deref() == Some(named)), "{found:?}");
    found.into_iter().map(|it| it.event).collect()
}

#[rstest]
#[tokio::test]
async fn what_happened_to_one_user_is_found_once_and_nothing_of_others(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::open(engine).await;
    world.store.record(&all_about("usr_ann", "anns")).await.unwrap();
    world.store.record(&all_about("usr_bob", "bobs")).await.unwrap();
    let whole = [
        "session.ended",
        "sign_in.refused",
        "membership.added",
        "user.password_set",
        "consent.granted",
        "session.started",
    ];
    assert_eq!(found(&world, "usr_ann", NOW, 10, "anns").await, whole);
    assert_eq!(found(&world, "usr_bob", NOW, 10, "bobs").await, whole);
    assert_eq!(found(&world, "usr_ann", NOW, 1, "anns").await, ["session.ended", "sign_in.refused"]);
    assert!(found(&world, "usr_ann", later(1), 10, "anns").await.is_empty(), "older than was asked for");
    assert!(found(&world, "usr_nobody", NOW, 10, "").await.is_empty());
}

/// Whoever guesses at a password for a night moves nothing else out of the list.
#[rstest]
#[tokio::test]
async fn r75_failures_crowd_out_nothing_that_was_done(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.record(&all_about("usr_ann", "anns")).await.unwrap();
    let refused = Record {
        request_id: Some("anns".to_owned()),
        ..of("usr_ann", Event::SignInRefused, Actor::Anonymous)
    };
    world.store.record(&vec![refused; 50]).await.unwrap();
    let found = found(&world, "usr_ann", NOW, 10, "anns").await;
    assert_eq!(found.iter().filter(|it| *it == "sign_in.refused").count(), 10);
    assert!(found.iter().any(|it| it == "session.started"), "{found:?}");
}

/// A million records of others make no difference: each statement goes by an index of its own, and reads nothing else.
#[tokio::test]
async fn nobody_looks_through_the_whole_trail_for_one_user() {
    let world = World::open(Sqlite).await;
    for (name, index) in [
        ("AUDIT_BY_USER", "audit_by_user"),
        ("AUDIT_OF_USER", "audit_of_user"),
        ("AUDIT_REFUSED_TO_USER", "audit_refused_to_user"),
        ("AUDIT_OF_ENDED_SESSIONS", "audit_of_ended_session"),
    ] {
        let statement = statements::all().find(|it| it.name() == name).unwrap();
        let plan = world.database.plan(statement.text()).unwrap();
        assert!(plan.contains(&format!("USING INDEX {index} (")), "{name}: {plan}");
        assert!(!plan.contains("SCAN audit"), "{name}: {plan}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn peer_17_of_eight_downloads_at_once_six_are_made(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::open(engine).await;
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    let export = |whose: &str, at: Timestamp| {
        let id = user_id(whose);
        (id.clone(), (6, at.minus(HOUR)), Record::new(at, Event::UserExported, Actor::User(id), None))
    };
    let made = race(&world, 8, |store, _n| async move {
        let (id, most, record) = export("usr_ann", later(7));
        store.record_export(&id, most, &record).await.unwrap()
    });
    let made = made.await;
    assert_eq!(made.iter().filter(|it| **it == Exported::Recorded).count(), 6, "{made:?}");
    assert_eq!(world.events().await.len(), 6);
    let again = async |whose: &str, at| {
        let (id, most, record) = export(whose, at);
        world.store.record_export(&id, most, &record).await.unwrap()
    };
    let Exported::TooOften(first) = again("usr_ann", later(10)).await else { panic!("a seventh") };
    assert_eq!(first, later(7), "the first of those that count");
    assert_eq!(again("usr_bob", later(10)).await, Exported::Recorded, "others have theirs");
    assert_eq!(again("usr_ann", first.plus(HOUR)).await, Exported::Recorded);
}
