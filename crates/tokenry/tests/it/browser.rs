//! A browser on our pages: each journey of `tests/browser/journeys`, at a `dev`, and at two servers behind nginx.
//!
//! A journey is a function that a script of that folder exports and that does what a person does; a line below makes a test
//! of it.

mod behind_nginx;
mod rust;
mod site;

use self::site::Site;

/// The journeys, by file and function, and of each a test at a `dev`.
macro_rules! journeys {
    ($($name:ident: $file:literal, $function:literal;)+) => {
        const JOURNEYS: &[(&str, &str)] = &[$(($file, $function)),+];

        mod a_journey_through_the_pages_of_dev {
            use super::Site;

            $(#[test]
            fn $name() {
                Site::dev().travel(($file, $function));
            })+
        }
    };
}

journeys! {
    account_by_keyboard: "account", "byKeyboard";
    account_without_scripts: "account", "withoutScripts";
    address: "address", "anotherAddress";
    applications: "applications", "approval";
    developer_by_keyboard: "developer", "byKeyboard";
    developer_without_scripts: "developer", "withoutScripts";
    every_page: "every-page", "everyPage";
    r87_r95_a_page_signs_in_and_calls_the_api: "headless", "signedIn";
    r87_a_page_asks_for_all_that_a_sign_in_needs: "headless", "asked";
    r87_a_page_says_what_went_wrong: "headless-failures", "failures";
    http_09_a_page_that_is_not_listed_gets_nothing: "headless-origins", "stranger";
    by_keyboard: "password-to-consent", "byKeyboard";
    without_scripts: "password-to-consent", "withoutScripts";
    spa: "spa", "spa";
}

#[test]
fn r31_every_journey_passes_at_two_servers_behind_nginx_without_stickiness() {
    let site = behind_nginx::site();
    for journey in JOURNEYS {
        site.travel(*journey);
    }
}

/// The tests that a page shows call the API that they name.
#[test]
fn r78_a_new_token_is_copied_and_tried() {
    Site::dev().with_compiler().travel(("developer", "copiedAndTried"));
}

/// The language that nobody reads is there where the server is for one machine alone.
#[test]
fn every_page_reads_from_right_to_left_and_no_sentence_was_left_out() {
    Site::dev().travel(("languages", "rightToLeft"));
}

#[test]
fn every_page_has_room_for_the_longest_words() {
    Site::dev().travel(("languages", "german"));
}

/// One that Chromium sends from other sites, and keeps for each of them apart.
#[test]
fn r91_a_page_of_another_site_has_a_cookie_of_its_own() {
    Site::dev_for_another_site().travel(("headless-origins", "otherSite"));
}

/// Chromium's virtual authenticator signs for `localhost` in the clear, and for no address.
#[test]
fn a_passkey_is_added_used_and_lost() {
    Site::dev_by_name().travel(("passkeys", "fromFirstToLast"));
}
