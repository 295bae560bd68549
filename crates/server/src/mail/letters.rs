//! The words of letters: as plain text and as HTML, which say the same, without pictures and without anything to load.
//!
//! What each letter says is a function in one of the rooms below; [`subject`] and [`body`] lead there, and a letter that they do not
//! know ends the build.

mod account_secrets;
mod accounts;
mod addresses;
mod factors;
mod leaks;
mod passwords;
mod tokens;

use askama::Template;
use http::Uri;
use tokenry_engine::mail::{About, Letter, Mail};

use crate::words::Words;
use crate::words::language::Language;

/// A letter in words.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a letter says after its subject, in its order.
struct Body<'a> {
    opening: String,
    /// What to click on, and where it leads.
    link: Option<(String, &'a str)>,
    closing: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    words: &'static Words,
    subject: &'a str,
    said: &'a Body<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    subject: &'a str,
    said: &'a Body<'a>,
}

/// Puts a mail into words, in the language of its reader.
///
/// # Errors
/// When a template cannot be rendered.
pub(crate) fn render(mail: &Mail) -> Result<Rendered, askama::Error> {
    let words = words_of(mail);
    let (subject, said) = (subject(mail.letter.about, words), body(&Facts::of(mail, words)));
    let text = Text { subject: &subject, said: &said }.render()?;
    let html = Html { words, subject: &subject, said: &said }.render()?;
    Ok(Rendered { subject, text, html })
}

/// The subject line of a mail, in the language of its reader.
#[must_use]
pub fn letter_subject(mail: &Mail) -> String {
    subject(mail.letter.about, words_of(mail))
}

fn words_of(mail: &Mail) -> &'static Words {
    Words::of(Language::first_of(mail.languages.iter().map(String::as_str)).unwrap_or(Language::En))
}

/// The subject line of what is about that.
pub(crate) fn subject(about: About, words: &Words) -> String {
    match about {
        About::AccountDeleted => words.mail_account_deleted_subject(),
        About::AccountSecretAssigned => words.mail_account_secret_assigned_subject(),
        About::AccountSecretRevealed | About::AccountSecretRevealedByOperator => {
            words.mail_account_secret_revealed_subject()
        }
        About::AccountSecretRevoked | About::AccountSecretRevokedByOperator => {
            words.mail_account_secret_revoked_subject()
        }
        About::AccountSecretRotated | About::AccountSecretRotatedByOperator => {
            words.mail_account_secret_rotated_subject()
        }
        About::AddressAllowance => words.mail_address_allow_subject(),
        About::AddressChanged | About::AddressChangedByOperator => words.mail_address_changed_subject(),
        About::AddressClaim => words.mail_address_claim_subject(),
        About::AddressRestored => words.mail_address_restored_subject(),
        About::AddressTaken => words.mail_address_taken_subject(),
        About::CodesGuessed => words.mail_codes_guessed_subject(),
        About::CredentialsLeaked => words.mail_leaked_subject(),
        About::DeletionRequested => words.mail_deletion_requested_subject(),
        About::DeletionTakenBack | About::DeletionTakenBackByOperator => {
            words.mail_deletion_taken_back_subject()
        }
        About::FormerAccountLeaving => words.mail_former_leaving_subject(),
        About::Invitation => words.mail_invitation_subject(),
        About::NewDevice => words.mail_new_device_subject(),
        About::PasskeyAdded => words.mail_passkey_added_subject(),
        About::PasskeyRemoved => words.mail_passkey_removed_subject(),
        About::PasswordChanged | About::PasswordSetByOperator => words.mail_password_changed_subject(),
        About::RecoveryCodeUsed => words.mail_recovery_code_used_subject(),
        About::RecoveryCodesMade => words.mail_recovery_codes_made_subject(),
        About::PatCreated => words.mail_pat_created_subject(),
        About::PatExpires => words.mail_pat_expires_subject(),
        About::PatRefreshed | About::PatRolled => words.mail_pat_replaced_subject(),
        About::PatRevoked | About::PatRevokedByOperator => words.mail_pat_revoked_subject(),
        About::Reset => words.mail_reset_subject(),
        About::SecondFactorAdded => words.mail_factor_added_subject(),
        About::SecondFactorRemoved | About::SecondFactorRemovedByOperator => {
            words.mail_factor_removed_subject()
        }
        About::SignUp => words.mail_sign_up_subject(),
        About::Verification => words.mail_verification_subject(),
    }
}

fn body<'a>(it: &Facts<'a>) -> Body<'a> {
    match it.letter.about {
        About::AccountDeleted => accounts::account_deleted(it),
        About::AccountSecretAssigned => account_secrets::assigned(it),
        About::AccountSecretRevealed => account_secrets::revealed(it),
        About::AccountSecretRevealedByOperator => account_secrets::revealed_by_operator(it),
        About::AccountSecretRevoked => account_secrets::revoked(it),
        About::AccountSecretRevokedByOperator => account_secrets::revoked_by_operator(it),
        About::AccountSecretRotated => account_secrets::rotated(it),
        About::AccountSecretRotatedByOperator => account_secrets::rotated_by_operator(it),
        About::AddressAllowance => addresses::address_allowance(it),
        About::AddressChanged => addresses::address_changed(it),
        About::AddressChangedByOperator => addresses::address_changed_by_operator(it),
        About::AddressClaim => addresses::address_claim(it),
        About::AddressRestored => addresses::address_restored(it),
        About::AddressTaken => addresses::address_taken(it),
        About::CodesGuessed => factors::codes_guessed(it),
        About::CredentialsLeaked => leaks::credentials_leaked(it),
        About::DeletionRequested => accounts::deletion_requested(it),
        About::DeletionTakenBack => accounts::deletion_taken_back(it),
        About::DeletionTakenBackByOperator => accounts::deletion_taken_back_by_operator(it),
        About::FormerAccountLeaving => accounts::former_account_leaving(it),
        About::Invitation => accounts::invitation(it),
        About::NewDevice => passwords::new_device(it),
        About::PasskeyAdded => factors::passkey_added(it),
        About::PasskeyRemoved => factors::passkey_removed(it),
        About::PasswordChanged => passwords::password_changed(it),
        About::PasswordSetByOperator => passwords::password_set_by_operator(it),
        About::RecoveryCodeUsed => factors::recovery_code_used(it),
        About::RecoveryCodesMade => factors::recovery_codes_made(it),
        About::PatCreated => tokens::pat_created(it),
        About::PatExpires => tokens::pat_expires(it),
        About::PatRefreshed => tokens::pat_refreshed(it),
        About::PatRevoked => tokens::pat_revoked(it),
        About::PatRevokedByOperator => tokens::pat_revoked_by_operator(it),
        About::PatRolled => tokens::pat_rolled(it),
        About::Reset => passwords::reset(it),
        About::SecondFactorAdded => factors::second_factor_added(it),
        About::SecondFactorRemoved => factors::second_factor_removed(it),
        About::SecondFactorRemovedByOperator => factors::second_factor_removed_by_operator(it),
        About::SignUp => accounts::sign_up(it),
        About::Verification => accounts::verification(it),
    }
}

/// What letters tell, and what several of them say.
struct Facts<'a> {
    words: &'static Words,
    letter: &'a Letter,
    to: &'a str,
    host: String,
    /// "on 21 November 2026 at 15:04 UTC, from 192.0.2.7, with Firefox on Linux".
    whence: String,
}

impl<'a> Facts<'a> {
    fn of(mail: &'a Mail, words: &'static Words) -> Self {
        let letter = &mail.letter;
        let (host, whence) = (host(&letter.issuer), whence(letter, words));
        Self { words, letter, to: &mail.recipient, host, whence }
    }

    /// A page of the server.
    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.letter.issuer.trim_end_matches('/'))
    }

    /// The letter's link under that label.
    fn link(&self, label: String) -> Option<(String, &'a str)> {
        self.letter.link.as_ref().map(|link| (label, link.expose()))
    }

    /// Until when the link works, once.
    fn once(&self) -> String {
        self.until(|words, at| words.mail_link_once(at))
    }

    /// What holds until the letter's end, which every such letter has.
    fn until(&self, say: impl FnOnce(&Words, String) -> String) -> String {
        let ends_at = self.letter.ends_at.map(|at| self.words.at(at));
        ends_at.map(|at| say(self.words, at)).unwrap_or_default()
    }

    fn not_you(&self) -> String {
        self.words.mail_not_you(self.page("/reset"), &self.host)
    }

    fn ask_operator(&self) -> String {
        self.words.mail_by_operator_ask(&self.host)
    }
}

fn whence(letter: &Letter, words: &Words) -> String {
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
    use tokenry_protocol::secret::Secret;

    use tokenry_engine::mail::Staying;

    use super::*;

    fn mail(about: About) -> Mail {
        Mail {
            id: "1".to_owned(),
            recipient: "ann@acme.example".to_owned(),
            letter: Letter {
                about,
                issuer: "https://id.example.com".to_owned(),
                // Each takes of these what it tells.
                ends_at: Some(Timestamp::from_secs(1_763_701_800)),
                link: Some(Secret::new("https://id.example.com/reset/password?token=abc".to_owned())),
                at: Timestamp::from_secs(1_763_700_000),
                address: Some("192.0.2.7".to_owned()),
                browser: Some("Firefox on Linux".to_owned()),
                language: None,
                other: Some("ann@new.example".to_owned()),
                factors: Staying::default(),
                leaked: Vec::new(),
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
        for about in About::ALL.iter().copied() {
            let mail = Mail { languages: vec!["xx".to_owned(), language.to_owned()], ..mail(about) };
            let said = render(&mail).unwrap();
            assert!(said.text.starts_with(&said.subject), "{}", said.text);
            assert_eq!(
                said.subject == subject(about, Words::of(Language::En)),
                language == "en",
                "{}",
                said.subject
            );
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
