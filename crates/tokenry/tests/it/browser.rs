//! A browser on our pages: each journey of `tests/browser/journeys`, at a `dev`, and at two servers behind nginx.
//!
//! A journey is a function that a script of that folder exports and that does what a person does; a line below makes a test
//! of it.

mod behind_nginx;
mod site;

use rstest::rstest;

use self::site::Site;

/// The file and the function of each.
const JOURNEYS: [(&str, &str); 5] = [
    ("applications", "approval"),
    ("every-page", "everyPage"),
    ("password-to-consent", "byKeyboard"),
    ("password-to-consent", "withoutScripts"),
    ("spa", "spa"),
];

const _: () = assert!(JOURNEYS.len() == 5, "each journey has its case here");

#[rstest]
#[case::applications(0)]
#[case::every_page(1)]
#[case::by_keyboard(2)]
#[case::without_scripts(3)]
#[case::spa(4)]
fn a_journey_through_the_pages_of_dev(#[case] index: usize) {
    Site::dev().travel(JOURNEYS[index]);
}

#[test]
fn r31_every_journey_passes_at_two_servers_behind_nginx_without_stickiness() {
    let site = behind_nginx::site();
    for journey in JOURNEYS {
        site.travel(journey);
    }
}
