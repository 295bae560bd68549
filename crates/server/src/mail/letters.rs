//! The words of letters: as plain text and as HTML, which say the same, without pictures and without anything to load.

use askama::Template;
use http::Uri;
use tokenry_engine::mail::{About, Mail, Staying};

use crate::words::Words;
use crate::words::language::Language;

/// A letter in words.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a letter says, in its order.
struct Said<'a> {
    subject: String,
    opening: String,
    /// What to click on, and where it leads.
    link: Option<(String, &'a str)>,
    closing: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    words: &'static Words,
    said: &'a Said<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    said: &'a Said<'a>,
}

/// Puts a mail into words, in the language of its reader.
///
/// # Errors
/// When a template cannot be rendered.
pub(crate) fn render(mail: &Mail) -> Result<Rendered, askama::Error> {
    let words =
        Words::of(Language::first_of(mail.languages.iter().map(String::as_str)).unwrap_or(Language::En));
    let said = said(mail, words);
    let (text, html) = (Text { said: &said }.render()?, Html { words, said: &said }.render()?);
    Ok(Rendered { subject: said.subject, text, html })
}

fn said<'a>(mail: &'a Mail, words: &Words) -> Said<'a> {
    let (letter, to) = (&mail.letter, &mail.recipient);
    let (host, whence) = (host(&letter.issuer), whence(mail, words));
    let once = || letter.ends_at.map(|at| words.mail_link_once(words.at(at))).unwrap_or_default();
    let until = || letter.ends_at.map(|at| words.mail_link_until(words.at(at))).unwrap_or_default();
    let page = |path| format!("{}{path}", letter.issuer.trim_end_matches('/'));
    let kept_until = || {
        letter.ends_at.map(|at| words.mail_deletion_until(words.at(at), page("/account"))).unwrap_or_default()
    };
    let not_you = || words.mail_not_you(page("/reset"), &host);
    let staying = || still_opens(letter.factors, words, page("/account/security"));
    let ask = || words.mail_by_operator_ask(&host);
    let link = |label| letter.link.as_ref().map(|link| (label, link.expose()));
    let (subject, opening, link, closing) = match letter.about {
        About::AddressAllowance => (
            words.mail_address_allow_subject(),
            words.mail_address_allow_opening(to, &host, letter.other.as_deref().unwrap_or_default(), whence),
            link(words.mail_address_link()),
            vec![
                once(),
                words.mail_address_allow_closing(),
                words.mail_address_allow_not_you(page("/reset")),
            ],
        ),
        About::AddressChanged => (
            words.mail_address_changed_subject(),
            words.mail_address_changed_opening(to, &host, whence),
            link(words.mail_address_changed_link()),
            vec![
                words.mail_address_now(),
                letter
                    .ends_at
                    .map(|until| words.mail_address_changed_not_you(words.at(until)))
                    .unwrap_or_default(),
            ],
        ),
        About::AddressChangedByOperator => (
            words.mail_address_changed_subject(),
            words.mail_address_operator_opening(&host, to, whence),
            None,
            vec![words.mail_address_now(), ask()],
        ),
        About::AddressClaim => (
            words.mail_address_claim_subject(),
            words.mail_address_claim_opening(&host, to, whence),
            link(words.mail_address_link()),
            vec![once(), words.mail_address_claim_ignore()],
        ),
        About::AddressRestored => (
            words.mail_address_restored_subject(),
            words.mail_address_restored_opening(&host, to, whence),
            None,
            vec![words.mail_address_restored_closing(), words.mail_address_restored_yours(&host)],
        ),
        About::AddressTaken => (
            words.mail_address_taken_subject(),
            words.mail_address_taken_opening(&host, to, whence),
            None,
            vec![words.mail_address_taken_closing(), words.mail_address_taken_you(page("/login"))],
        ),
        About::AccountDeleted => (
            words.mail_account_deleted_subject(),
            words.mail_account_deleted_opening(to, &host, whence),
            None,
            vec![words.mail_account_deleted_closing()],
        ),
        About::CodesGuessed => (
            words.mail_codes_guessed_subject(),
            words.mail_codes_guessed_opening(to, &host, whence),
            None,
            vec![words.mail_codes_guessed_you(), not_you()],
        ),
        About::DeletionRequested => (
            words.mail_deletion_requested_subject(),
            words.mail_deletion_requested_opening(to, &host, whence),
            None,
            vec![kept_until(), not_you()],
        ),
        About::DeletionTakenBack => (
            words.mail_deletion_taken_back_subject(),
            words.mail_deletion_taken_back_opening(to, &host, whence),
            None,
            vec![words.mail_deletion_taken_back_closing(), not_you()],
        ),
        About::DeletionTakenBackByOperator => (
            words.mail_deletion_taken_back_subject(),
            words.mail_deletion_operator_opening(&host, to, whence),
            None,
            vec![words.mail_deletion_taken_back_closing(), ask()],
        ),
        About::FormerAccountLeaving => (
            words.mail_former_leaving_subject(),
            words.mail_former_leaving_opening(&host, to, whence),
            None,
            vec![
                letter
                    .ends_at
                    .map(|until| words.mail_former_leaving_not_you(words.at(until)))
                    .unwrap_or_default(),
                words.mail_former_leaving_you(),
            ],
        ),
        About::Invitation => (
            words.mail_invitation_subject(),
            words.mail_invitation_opening(to, &host),
            link(words.mail_choose_password()),
            vec![once(), words.mail_invitation_ignore()],
        ),
        About::NewDevice => (
            words.mail_new_device_subject(),
            words.mail_new_device_opening(to, &host, whence),
            None,
            vec![words.mail_new_device_closing(page("/account/sessions")), not_you()],
        ),
        About::PasskeyAdded => (
            words.mail_passkey_added_subject(),
            words.mail_passkey_added_opening(to, &host, whence),
            None,
            vec![words.mail_passkey_added_closing(), not_you(), words.mail_passkey_three_days()],
        ),
        About::PasskeyRemoved => (
            words.mail_passkey_removed_subject(),
            words.mail_passkey_removed_opening(to, &host, whence),
            None,
            vec![words.mail_passkey_removed_closing(), not_you()],
        ),
        About::PasswordChanged => (
            words.mail_password_changed_subject(),
            words.mail_password_changed_opening(to, &host, whence),
            None,
            vec![words.mail_password_changed_closing(), staying(), not_you()],
        ),
        About::PasswordSetByOperator => (
            words.mail_password_changed_subject(),
            words.mail_password_operator_opening(&host, to, whence),
            None,
            vec![words.mail_signed_out_everywhere(), ask()],
        ),
        About::RecoveryCodeUsed => (
            words.mail_recovery_code_used_subject(),
            words.mail_recovery_code_used_opening(to, &host, whence),
            None,
            vec![words.mail_recovery_code_used_closing(), not_you()],
        ),
        About::RecoveryCodesMade => (
            words.mail_recovery_codes_made_subject(),
            words.mail_recovery_codes_made_opening(to, &host, whence),
            None,
            vec![words.mail_recovery_codes_made_closing(), not_you()],
        ),
        About::Reset => (
            words.mail_reset_subject(),
            words.mail_reset_opening(to, &host, whence),
            link(words.mail_reset_link()),
            vec![once(), words.mail_reset_ignore()],
        ),
        About::SecondFactorAdded => (
            words.mail_factor_added_subject(),
            words.mail_factor_added_opening(to, &host, whence),
            None,
            vec![words.mail_factor_added_closing(), not_you(), words.mail_factor_three_days()],
        ),
        About::SecondFactorRemoved => (
            words.mail_factor_removed_subject(),
            words.mail_factor_removed_opening(to, &host, whence),
            None,
            vec![words.mail_factor_removed_closing(), not_you()],
        ),
        About::SecondFactorRemovedByOperator => (
            words.mail_factor_removed_subject(),
            words.mail_factor_operator_opening(&host, to, whence),
            None,
            vec![words.mail_factor_operator_closing(), ask()],
        ),
        About::SignUp => (
            words.mail_sign_up_subject(),
            words.mail_sign_up_opening(to, &host, whence),
            link(words.mail_choose_password()),
            vec![until(), words.mail_sign_up_ignore()],
        ),
        About::Verification => (
            words.mail_verification_subject(),
            words.mail_verification_opening(to, &host),
            link(words.mail_verification_link()),
            vec![once(), words.mail_verification_ignore(&host)],
        ),
    };
    Said { subject, opening, link, closing: closing.into_iter().filter(|line| !line.is_empty()).collect() }
}

/// What of the second factors stays, and where to look at it; nothing where none does.
fn still_opens(factors: Staying, words: &Words, page: String) -> String {
    match (factors.passkeys, factors.authenticators) {
        (0, 0) => String::new(),
        (0, _) => words.mail_staying_authenticator(page),
        (passkeys, 0) => words.mail_staying_passkeys(passkeys, page),
        (passkeys, _) => words.mail_staying_both(passkeys, page),
    }
}

/// "on 21 November 2026 at 15:04 UTC, from 192.0.2.7, with Firefox on Linux".
fn whence(mail: &Mail, words: &Words) -> String {
    let letter = &mail.letter;
    let at = words.at(letter.at);
    let browser = letter.browser.as_deref().map(|browser| words.browser(browser));
    match (&letter.address, browser) {
        (Some(address), Some(browser)) => words.mail_at_from_with(at, address, browser),
        (Some(address), None) => words.mail_at_from(at, address),
        (None, Some(browser)) => words.mail_at_with(at, browser),
        (None, None) => words.mail_at(at),
    }
}

fn host(issuer: &str) -> String {
    let uri: Option<Uri> = issuer.parse().ok();
    uri.as_ref().and_then(Uri::host).unwrap_or(issuer).to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokenry_clock::Timestamp;
    use tokenry_engine::mail::Letter;
    use tokenry_protocol::secret::Secret;

    use super::*;

    const ALL: [About; 26] = [
        About::AddressAllowance,
        About::AddressChanged,
        About::AddressChangedByOperator,
        About::AddressClaim,
        About::AddressRestored,
        About::AddressTaken,
        About::AccountDeleted,
        About::CodesGuessed,
        About::DeletionRequested,
        About::DeletionTakenBack,
        About::DeletionTakenBackByOperator,
        About::FormerAccountLeaving,
        About::Invitation,
        About::NewDevice,
        About::PasskeyAdded,
        About::PasskeyRemoved,
        About::PasswordChanged,
        About::PasswordSetByOperator,
        About::RecoveryCodeUsed,
        About::RecoveryCodesMade,
        About::Reset,
        About::SecondFactorAdded,
        About::SecondFactorRemoved,
        About::SecondFactorRemovedByOperator,
        About::SignUp,
        About::Verification,
    ];

    fn mail(about: About) -> Mail {
        let link = match about {
            About::AddressAllowance
            | About::AddressChanged
            | About::AddressClaim
            | About::Invitation
            | About::Reset
            | About::SignUp
            | About::Verification => {
                Some(Secret::new("https://id.example.com/reset/password?token=abc".to_owned()))
            }
            _ => None,
        };
        Mail {
            id: "1".to_owned(),
            recipient: "ann@acme.example".to_owned(),
            subject: about.subject().to_owned(),
            letter: Letter {
                about,
                issuer: "https://id.example.com".to_owned(),
                ends_at: (link.is_some()
                    || matches!(about, About::DeletionRequested | About::FormerAccountLeaving))
                .then(|| Timestamp::from_secs(1_763_701_800)),
                link,
                at: Timestamp::from_secs(1_763_700_000),
                address: Some("192.0.2.7".to_owned()),
                browser: Some("Firefox on Linux".to_owned()),
                language: None,
                other: Some("ann@new.example".to_owned()),
                factors: Staying::default(),
            },
            languages: Vec::new(),
        }
    }

    #[test]
    fn a_reset_says_when_from_where_and_until_when() {
        let said = render(&mail(About::Reset)).unwrap();
        for part in [
            "ann@acme.example at id.example.com",
            "on 21 November 2025 at 04:40 UTC, from 192.0.2.7, with Firefox on Linux",
            "https://id.example.com/reset/password?token=abc",
            "until 21 November 2025 at 05:10 UTC",
            "your password stays as it is",
        ] {
            assert!(said.text.contains(part), "{part} in {}", said.text);
            assert!(said.html.contains(part), "{part} in {}", said.html);
        }
    }

    #[test]
    fn whoever_deletes_an_account_is_told_until_when_it_can_be_kept() {
        let said = render(&mail(About::DeletionRequested)).unwrap();
        let until = "Until 21 November 2025 at 05:10 UTC you can sign in at https://id.example.com/account and keep it";
        assert!(said.text.contains(until) && said.html.contains(until), "{}", said.text);
    }

    #[test]
    fn whoever_chooses_a_password_is_told_what_opens_the_account_beside_it() {
        let told = |passkeys, authenticators| {
            let mut mail = mail(About::PasswordChanged);
            mail.letter.factors = Staying { passkeys, authenticators };
            let said = render(&mail).unwrap();
            let line = said.text.lines().find(|line| line.contains("/account/security")).map(str::to_owned);
            line.inspect(|line| assert!(said.html.contains(line), "{}", said.html))
        };
        assert_eq!(told(0, 0), None);
        let look = "look at them at https://id.example.com/account/security, and remove what is not yours.";
        for (passkeys, authenticators, begins) in [
            (0, 1, "An authenticator is still asked for"),
            (1, 0, "One passkey still opens the account"),
            (2, 0, "2 passkeys still open the account"),
            (2, 1, "2 passkeys still open the account, and an authenticator is still asked for"),
        ] {
            let line = told(passkeys, authenticators).unwrap();
            assert!(line.starts_with(begins), "{line}");
            assert!(
                line.ends_with(
                    &look.replace("them", if passkeys + authenticators == 1 { "it" } else { "them" })
                ),
                "{line}"
            );
        }
    }

    #[rstest]
    fn every_letter_is_whole_in_every_language_and_loads_nothing(
        #[values("de", "en", "es-MX", "fr")] language: &str,
    ) {
        for about in ALL {
            let mail = Mail { languages: vec!["xx".to_owned(), language.to_owned()], ..mail(about) };
            let said = render(&mail).unwrap();
            assert!(said.text.starts_with(&said.subject), "{}", said.text);
            assert_eq!(said.subject == about.subject(), language == "en", "{}", said.subject);
            assert!(said.html.contains(&format!("<html lang=\"{}\"", &language[..2])), "{}", said.html);
            assert!(!said.text.contains("  ") && !said.text.contains("\n\n\n"), "{:?}", said.text);
            for loads in ["<img", "<script", "src=", "url(", "<link"] {
                assert!(!said.html.contains(loads), "{loads} in {}", said.html);
            }
        }
    }

    #[test]
    fn a_german_reads_german() {
        let said = render(&Mail { languages: vec!["de-AT".to_owned()], ..mail(About::Reset) }).unwrap();
        for part in [
            "am 21. November 2025, 04:40 Uhr UTC, von 192.0.2.7 aus, mit Firefox unter Linux",
            "bei id.example.com",
        ] {
            assert!(said.text.contains(part) && said.html.contains(part), "{part} in {}", said.text);
        }
    }

    #[test]
    fn peer_04_markup_in_an_address_stays_text() {
        let mut mail = mail(About::Reset);
        mail.recipient = "\"<img src=x>\"@acme.example".to_owned();
        let html = render(&mail).unwrap().html;
        assert!(!html.contains("<img"), "{html}");
    }
}
