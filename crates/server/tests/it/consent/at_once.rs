//! Authorizations that cross: each user gets a code of their own, and a request one code.

use rstest::rstest;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::claims_of;

use super::{Rig, code_of, decide};

/// How often the two users cross.
const ROUNDS: usize = 40;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn az_29_two_users_who_authorize_at_once_get_a_code_each(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let (mut ann, mut bob) = (rig.signed_in(&rig.ann).await, rig.signed_in(&rig.bob).await);
    let request = rig.request(&rig.web, &[("nonce", "the same"), ("scope", "read:timesheets")]);
    let mut codes = std::collections::BTreeSet::new();
    for _round in 0..ROUNDS {
        let (of_ann, of_bob) = tokio::join!(ann.open(&request), bob.open(&request));
        for (page, person) in [(of_ann, &rig.ann), (of_bob, &rig.bob)] {
            let code = code_of(&page);
            let claims = claims_of(&rig.tokens(&rig.web, &code).await.token());
            assert_eq!(claims["sub"], person.id.as_str());
            assert!(codes.insert(code), "pk_10: no code comes twice");
        }
    }
    assert_eq!(rig.codes().await, 2 * ROUNDS);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn con_02_eight_answers_to_one_question_make_one_code(#[values(Sqlite, Postgres)] database: Engine) {
    let rig = Rig::on(database).await;
    let mut browser = rig.signed_in(&rig.ann).await;
    let page = browser.open(&rig.request(&rig.partner, &[])).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _tab in 0..8 {
        let (mut tab, page) = (browser.clone(), page.clone());
        tasks.spawn(async move { decide(&mut tab, &page, "allow").await });
    }
    let answers = tasks.join_all().await;
    let codes: Vec<_> = answers.iter().filter(|page| page.answer.status == 303).map(code_of).collect();
    assert_eq!(codes.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|page| [303, 400].contains(&page.answer.status.as_u16())), "{answers:?}");
    assert_eq!(rig.codes().await, 1);
    rig.tokens(&rig.partner, &codes[0]).await;
}
