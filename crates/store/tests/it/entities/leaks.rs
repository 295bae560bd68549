//! Credentials that leaked: each ends alone and once, of a client's only so many, and owners are told of many at once.

use rstest::rstest;
use tokenry_clock::Timestamp;
use tokenry_model::{Event, Leak, LeakKind};
use tokenry_store::{
    CreatePat, LeakedCredential, ReplacePat, ReplacedPat, ReportLeak, ReportedLeak, TellOfLeaks, TokenEnding,
};

use super::Engine::{self, Postgres, Sqlite};
use super::family_world::{begin, handle, lives, world_of_families};
use super::samples::*;
use super::{World, race};

const JTI: &str = "0123456789Abcdefghijklmnopqrstuv";

fn report(kind: LeakKind, name: &str, credential: LeakedCredential, at: Timestamp) -> ReportLeak {
    ReportLeak {
        leak: Leak {
            id: format!("{kind}:{name}"),
            kind,
            last4: "abcd".to_owned(),
            revoked: false,
            reported_at: at,
        },
        credential,
        client_id: None,
        user_id: None,
        most: 20,
        within: HOUR,
        record: record(Event::CredentialLeaked),
    }
}

fn of_token(jti: &str, at: Timestamp) -> ReportLeak {
    let token = LeakedCredential::AccessToken(revoked_token(jti, at.plus(HOUR)));
    ReportLeak { client_id: Some(client_id("cron")), ..report(LeakKind::AccessToken, jti, token, at) }
}

fn of_pat(value: &str, at: Timestamp) -> ReportLeak {
    let credential = LeakedCredential::PatValue(digest(value));
    ReportLeak { user_id: Some(user_id("usr_ann")), ..report(LeakKind::Pat, value, credential, at) }
}

async fn said(world: &World, report: ReportLeak) -> ReportedLeak {
    world.store.report_leak(report).await.unwrap()
}

fn is_revoked(reported: &ReportedLeak) -> bool {
    matches!(reported, ReportedLeak::Revoked)
}

/// The database of [`World::seed`], with ann and her token `p1`, whose values are `v1` and then `v2`, `v1` for half an hour
/// longer.
async fn world(engine: Engine) -> World {
    let world = World::open(engine).await;
    world.seed().await;
    world.store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    world.store.create_user(&user("usr_ann"), &[]).await.unwrap();
    let change = credential_change(Event::PatCreated, NOW);
    let (pat, value) = (pat("p1", "usr_ann"), pat_value("v1", "p1", NOW));
    assert_eq!(world.store.create_pat(&pat, &value, 50, change).await.unwrap(), CreatePat::Created);
    let replace = ReplacePat {
        user_id: user_id("usr_ann"),
        seen: digest("v1"),
        value: pat_value("v2", "p1", later(60)),
        overlap_until: Some(later(1_800)),
        most: 50,
        change: credential_change(Event::PatRolled, later(60)),
    };
    assert!(matches!(world.store.replace_pat(replace).await.unwrap(), ReplacedPat::Replaced { .. }));
    world
}

/// Whether a value works at a time.
async fn works(world: &World, value: &str, at: Timestamp) -> bool {
    let found = world.other.find_pat_value(&digest(value), &api_id("timesheets")).await.unwrap();
    found.is_some_and(|found| found.revoked_at.is_none() && at < found.value.expires_at)
}

#[rstest]
#[tokio::test]
async fn a_value_of_a_token_ends_and_the_other_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    assert!(is_revoked(&said(&world, of_pat("v1", later(90))).await));
    assert_eq!((works(&world, "v1", later(90)).await, works(&world, "v2", later(90)).await), (false, true));
    let learned = ["1 changed usr_ann", "2 revoked/handle v1xxxxxxxxx until +750"];
    assert_eq!(world.learned("timesheets", 0).await, learned);
    assert!(is_revoked(&said(&world, of_pat("v2", later(91))).await));
    assert!(!works(&world, "v2", later(91)).await);
    assert_eq!(world.learned("timesheets", 2).await, ["3 revoked/handle v2xxxxxxxxx until +751"]);
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap().pat;
    assert_eq!((listed.revoked_at, listed.ends_at), (Some(later(91)), later(91)), "with the last the token");
    assert_eq!(said(&world, of_pat("v2", later(92))).await, ReportedLeak::Known);
    assert_eq!(said(&world, of_pat("none", later(92))).await, ReportedLeak::Known);
    assert_eq!(world.events().await, ["pat.created", "pat.rolled", "credential.leaked", "credential.leaked"]);
}

#[rstest]
#[tokio::test]
async fn the_value_that_counts_ends_before_the_one_that_it_took_the_place_of(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    assert!(is_revoked(&said(&world, of_pat("v2", later(90))).await));
    assert_eq!((works(&world, "v1", later(90)).await, works(&world, "v2", later(90)).await), (true, false));
    let listed = world.other.find_pat(&pat_id("p1")).await.unwrap().unwrap().pat;
    assert_eq!((listed.revoked_at, listed.ends_at), (None, later(1_800)), "its owner can give it another");
    assert!(!works(&world, "v1", later(1_800)).await);
}

#[rstest]
#[tokio::test]
async fn a_secret_ends_with_what_it_got_and_an_apis_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let ended = world.assign_handle().await;
    let (client, id) = (client_id("cron"), secret_id("s1"));
    world.store.add_client_secret(&secret("s2", "cron"), None, &[]).await.unwrap();
    let found = world.other.find_client_secret(&digest("s1")).await.unwrap().unwrap();
    assert_eq!((&found.client_id, &found.id), (&client, &id));
    let before = world.client_version("cron").await;
    let credential = LeakedCredential::ClientSecret { client_id: client.clone(), id };
    let leaked = report(LeakKind::ClientSecret, "s1", credential, later(1));
    assert!(is_revoked(&said(&world, ReportLeak { client_id: Some(client.clone()), ..leaked }).await));
    let works: Vec<_> = world.other.list_client_secrets(&client).await.unwrap();
    let works: Vec<_> = works.iter().map(|secret| secret.works_at(later(2))).collect();
    assert_eq!(works, [false, true]);
    assert_eq!(world.other.find_token_ending(JTI, &ended).await.unwrap(), TokenEnding::HandleEnded);
    assert!(world.client_version("cron").await > before, "what was decided before issues nothing");

    let found = world.other.find_resource_server_secret(&digest("rs1")).await.unwrap().unwrap();
    let credential =
        LeakedCredential::ApiSecret { resource_server_id: found.resource_server_id, id: found.id };
    assert!(is_revoked(&said(&world, report(LeakKind::ApiSecret, "rs1", credential, later(1))).await));
    let secrets = world.other.list_resource_server_secrets(&api_id("timesheets")).await.unwrap();
    assert!(!secrets[0].works_at(later(2)));
}

#[rstest]
#[tokio::test]
async fn a_refresh_token_ends_with_its_family_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world_of_families(engine).await;
    for name in ["aaaaaaaaaaa", "bbbbbbbbbbb"] {
        begin(&world, name).await;
    }
    let of = |name: &str| {
        let leaked = report(LeakKind::RefreshToken, name, LeakedCredential::Family(handle(name)), later(9));
        ReportLeak { client_id: Some(client_id("web")), user_id: Some(user_id("usr_ann")), ..leaked }
    };
    assert!(is_revoked(&said(&world, of("aaaaaaaaaaa")).await));
    assert_eq!(
        (lives(&world.other, "aaaaaaaaaaa").await, lives(&world.other, "bbbbbbbbbbb").await),
        (false, true)
    );
    assert_eq!(said(&world, of("aaaaaaaaaaa")).await, ReportedLeak::Known);
    assert_eq!(world.learned("timesheets", 0).await.len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_reports_one_is_the_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let results =
        race(&world, 8, |store, _| async move { store.report_leak(of_token(JTI, NOW)).await.unwrap() });
    let results = results.await;
    assert_eq!(results.iter().filter(|it| is_revoked(it)).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|it| **it == ReportedLeak::Known).count(), 7);
    let leaked = world.events().await.into_iter().filter(|event| event == "credential.leaked").count();
    assert_eq!(leaked, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_one_clients_so_many_end_in_an_hour_however_many_come_at_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = world(engine).await;
    let results = race(&world, 12, |store, n| async move {
        let report = ReportLeak { most: 5, ..of_token(&format!("{}{n:02}", &JTI[..30]), NOW) };
        // Whom the database turns away, because too many came at once, comes again.
        loop {
            match store.report_leak(report.clone()).await {
                Ok(reported) => return reported,
                Err(error) => assert!(error.is_unavailable(), "{error}"),
            }
        }
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|it| is_revoked(it)).count(), 5);
    assert_eq!(results.iter().filter(|it| **it == ReportedLeak::Told).count(), 7);
    // An hour later there is room again, but not for what its owner was told of.
    let next_hour = later(3_601);
    let again = ReportLeak { most: 5, ..of_token(&format!("{}99", &JTI[..30]), next_hour) };
    assert!(is_revoked(&said(&world, again).await));
    for n in 0..12 {
        let report = of_token(&format!("{}{n:02}", &JTI[..30]), next_hour);
        assert_eq!(said(&world, report).await, ReportedLeak::Known);
    }
    // Who is no client is not counted.
    assert!(is_revoked(&said(&world, ReportLeak { most: 0, ..of_pat("v1", later(90)) }).await));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_told_once_of_all_and_not_again_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    let ann = user_id("usr_ann");
    for (value, at) in [("v1", 90), ("v2", 91)] {
        assert!(is_revoked(&said(&world, of_pat(value, later(at))).await));
    }
    assert!(is_revoked(&said(&world, of_token(JTI, later(91))).await), "of which nobody is told");
    let due = async |before: u64, quiet: u64| {
        world.other.list_users_to_tell_of_leaks(later(before), later(quiet), 9).await.unwrap()
    };
    assert!(due(89, 0).await.is_empty(), "not yet");
    assert_eq!(due(90, 0).await, std::slice::from_ref(&ann));
    let untold = world.other.list_untold_leaks(&ann, 9).await.unwrap();
    let ids: Vec<_> = untold.iter().map(|leak| leak.id.clone()).collect();
    assert_eq!(ids, ["pat:v1", "pat:v2"]);
    assert!(untold.iter().all(|leak| leak.revoked && leak.last4 == "abcd"));
    let mail = own_change("usr_ann", 1, Event::PatCreated).mail;
    let other = TellOfLeaks { user_id: ann.clone(), leaks: untold[1..].to_vec(), now: later(95), mail };
    assert!(!world.store.tell_of_leaks(other).await.unwrap(), "there is another among them by now");
    assert_eq!(world.other.list_untold_leaks(&ann, 9).await.unwrap().len(), 2, "none was noted");
    let results = race(&world, 8, |store, n| {
        let mail = own_change("usr_ann", 1, Event::PatCreated).mail;
        let mail = tokenry_model::OutboxMail { id: format!("mail {n}"), ..mail };
        let leaks = if n % 2 == 0 { untold.clone() } else { untold[..1].to_vec() };
        let tell = TellOfLeaks { user_id: user_id("usr_ann"), leaks, now: later(95), mail };
        async move { store.tell_of_leaks(tell).await.unwrap() }
    });
    let told = results.await.into_iter().filter(|told| *told).count();
    let mails = world.other.list_mail(9).await.unwrap().len();
    assert_eq!((told, mails), (1, 1));
    assert!(due(200, 94).await.is_empty(), "they were told of late");
    let rest = world.other.list_untold_leaks(&ann, 9).await.unwrap().len();
    assert_eq!(due(200, 95).await.len(), rest.min(1), "of what came meanwhile they are told later");
}

#[rstest]
#[tokio::test]
async fn what_is_long_ago_is_forgotten(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = world(engine).await;
    for at in [0, 1, 2] {
        let report = of_token(&format!("{}{at}", &JTI[..31]), later(at));
        assert!(is_revoked(&said(&world, report).await));
    }
    assert_eq!(world.store.delete_old_leaks(later(1), 1).await.unwrap(), 1);
    assert_eq!(world.store.delete_old_leaks(later(1), 9).await.unwrap(), 1);
    assert_eq!(world.store.delete_old_leaks(later(1), 9).await.unwrap(), 0);
}
