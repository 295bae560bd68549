//! What is made, or shown, in a session: before its end, or not at all, and so often as may be.

use tokenry_store::{
    AssignAccountSecret, ReplaceAccountSecret, ReplacedAccountSecret, ResetOutcome, RevealAccountSecret,
};

use super::super::mail::{chosen, reset};
use super::*;

fn in_session(change: CredentialChange) -> CredentialChange {
    CredentialChange { session: Some(session_id("s1")), ..change }
}

/// Ann's token `p1` with the value `v1`, her account secret `a1`, and her session `s1`.
async fn signed_in(engine: Engine) -> World {
    let world = with_one(engine).await;
    let assigned = credential_change(Event::AccountSecretAssigned, NOW);
    let assigned = world.store.assign_account_secret(account_secret("a1", "usr_ann", NOW), assigned).await;
    assert_eq!(assigned.unwrap(), AssignAccountSecret::Assigned);
    // Of the version that she has as a developer.
    assert!(world.store.begin_session(&beginning(session("s1", "usr_ann"), 2), &[]).await.unwrap());
    world
}

async fn make(store: &tokenry_store::Store, n: u64) -> CreatePat {
    let (id, value) = (format!("q{n}"), format!("w{n}"));
    let (pat, value) = (pat(&id, "usr_ann"), pat_value(&value, &id, later(1)));
    // Whom the database turns away, because too many came at once, comes again.
    loop {
        let change = in_session(credential_change(Event::PatCreated, later(1)));
        match store.create_pat(&pat, &value, MOST, change).await {
            Ok(created) => return created,
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
    }
}

/// All that takes a session, in an order in which each can; whether each was done.
async fn all(world: &World, n: u64) -> [bool; 4] {
    let created = make(&world.store, n).await;
    let change = in_session(credential_change(Event::PatRefreshed, later(60)));
    let (seen, value) = if n == 0 { ("v1", "v2") } else { ("v2", "v3") };
    let replaced =
        world.store.replace_pat(ReplacePat { change, ..replace(seen, value, None) }).await.unwrap();
    let reveal = in_session(credential_change(Event::AccountSecretRevealed, later(60)));
    let id = if n == 0 { "a1" } else { "a2" };
    let revealed = world.store.reveal_account_secret(&user_id("usr_ann"), &secret_id(id), reveal).await;
    let rotate = ReplaceAccountSecret {
        seen: Some(secret_id(id)),
        secret: account_secret(&format!("a{}", n + 2), "usr_ann", later(60)),
        overlap_until: None,
        change: in_session(credential_change(Event::AccountSecretRotated, later(60))),
    };
    let rotated = world.store.replace_account_secret(rotate).await.unwrap();
    assert_eq!(created == CreatePat::Barred, replaced == ReplacedPat::Barred);
    assert_eq!(created == CreatePat::Barred, rotated == ReplacedAccountSecret::Barred);
    [
        created == CreatePat::Created,
        matches!(replaced, ReplacedPat::Replaced { .. }),
        revealed.unwrap() == RevealAccountSecret::Revealed,
        matches!(rotated, ReplacedAccountSecret::Replaced { .. }),
    ]
}

#[rstest]
#[tokio::test]
async fn pat_05_nothing_is_made_or_shown_in_a_session_that_has_ended(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = signed_in(engine).await;
    assert_eq!(all(&world, 0).await, [true; 4]);
    assert!(world.store.end_session(&session_id("s1"), None, later(60), &[]).await.unwrap().is_some());
    let before = world.events().await;
    assert_eq!(all(&world, 1).await, [false; 4]);
    // Nor in somebody else's.
    assert!(world.store.begin_session(&beginning(session("s1", "usr_bob"), 1), &[]).await.unwrap());
    assert_eq!(all(&world, 1).await, [false; 4]);
    assert_eq!(world.events().await, before, "nothing is recorded of it");
    assert!(found(&world, "v2", "payroll").await && !found(&world, "v3", "payroll").await);
    let imported = create(&world, &pat("q9", "usr_ann"), &pat_value("w9", "q9", NOW)).await;
    assert_eq!(imported, CreatePat::Created, "operators have none");
}

/// Whoever has the account and makes tokens while its owner comes back by the mailbox keeps none of them.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_while_the_owner_comes_back_goes_with_the_rest(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = signed_in(engine).await;
    world.store.request_reset(reset(&user("usr_ann").username, "r", NOW)).await.unwrap();
    let results = race(&world, 12, |store, n| async move {
        if n != 5 {
            return Some(make(&store, n).await);
        }
        loop {
            match store.reset_password(chosen("r", "usr_ann", 1), later(60)).await {
                Ok(set) => {
                    assert!(matches!(set, ResetOutcome::Set(_)), "{set:?}");
                    return None;
                }
                Err(error) => assert!(error.is_unavailable(), "{error}"),
            }
        }
    });
    for result in results.await.into_iter().flatten() {
        assert!(matches!(result, CreatePat::Barred | CreatePat::Created), "{result:?}");
    }
    for n in 0..12 {
        assert!(!found(&world, &format!("w{n}"), "payroll").await, "{n}");
    }
    assert!(found(&world, "v1", "payroll").await, "what was made well before stays");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r84_of_many_at_once_as_many_are_made_as_may_be_lately(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = signed_in(engine).await;
    let most = |most: i64| CredentialChange {
        records: vec![record(Event::PatCreated).of_user(&user_id("usr_ann"))],
        most: Some((most, NOW.minus(HOUR))),
        ..in_session(credential_change(Event::PatCreated, NOW))
    };
    let change = most(10);
    let results = race(&world, 30, |store, n| {
        let change = change.clone();
        async move {
            let (id, value) = (format!("q{n}"), format!("w{n}"));
            let (pat, value) = (pat(&id, "usr_ann"), pat_value(&value, &id, NOW));
            loop {
                match store.create_pat(&pat, &value, MOST, change.clone()).await {
                    Ok(created) => return created,
                    Err(error) => assert!(error.is_unavailable(), "{error}"),
                }
            }
        }
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|it| **it == CreatePat::Created).count(), 10);
    assert_eq!(results.iter().filter(|it| **it == CreatePat::TooOften(NOW)).count(), 20);
    let again = ReplacePat { change: most(10), ..replace("v1", "v2", None) };
    assert_eq!(world.store.replace_pat(again).await.unwrap(), ReplacedPat::TooOften(NOW));
    let shown = async |most: CredentialChange| {
        world.store.reveal_account_secret(&user_id("usr_ann"), &secret_id("a1"), most).await.unwrap()
    };
    assert_eq!(shown(most(10)).await, RevealAccountSecret::TooOften(NOW));
    assert_eq!(shown(most(11)).await, RevealAccountSecret::Revealed);
    // What operators did is not counted, and an end is not put off.
    assert_eq!(create(&world, &pat("x", "usr_ann"), &pat_value("x", "x", NOW)).await, CreatePat::Created);
    assert!(matches!(revoke(&world, "usr_ann", later(1)).await, RevokePat::Revoked { .. }));
}
