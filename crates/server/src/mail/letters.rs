//! The words of letters: as plain text and as HTML, which say the same, without pictures and without anything to load.

use askama::Template;
use http::Uri;
use tokenry_clock::Timestamp;
use tokenry_engine::mail::{About, Letter, Mail};
use tokenry_protocol::secret::Secret;

/// A letter in words.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a letter says, in its order.
struct Words<'a> {
    subject: &'a str,
    opening: String,
    /// What to click on, and where it leads.
    link: Option<(&'static str, &'a str)>,
    closing: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    words: &'a Words<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    words: &'a Words<'a>,
}

/// Puts a mail into words.
///
/// # Errors
/// When a template cannot be rendered.
pub(crate) fn render(mail: &Mail) -> Result<Rendered, askama::Error> {
    let words = words(mail);
    Ok(Rendered { text: Text { words: &words }.render()?, html: Html { words: &words }.render()? })
}

fn words(mail: &Mail) -> Words<'_> {
    let (letter, to) = (&mail.letter, &mail.recipient);
    let host = host(&letter.issuer);
    let ends = letter.ends_at.map(|ends_at| format!("The link works once, until {}.", instant(ends_at)));
    let link = |label| letter.link.as_ref().map(|link: &Secret| (label, link.expose()));
    let (opening, link, closing) = match letter.about {
        About::AccountDeleted => (
            format!("The account for {to} at {host} was deleted {}, as was asked for.", whence(mail)),
            None,
            vec!["Nothing of it can be brought back. This is the last mail about it.".to_owned()],
        ),
        About::CodesGuessed => (
            format!(
                "Somebody who has come past the password for {to} at {host} has shown ten wrong codes of the authenticator: the last {}.",
                whence(mail)
            ),
            None,
            vec![
                "If it was you, wait for the next code, or use a recovery code.".to_owned(),
                otherwise(letter),
            ],
        ),
        About::DeletionRequested => (
            format!("The account for {to} at {host} was deleted {}.", whence(mail)),
            None,
            vec![
                format!(
                    "Until {} you can sign in at {}/account and keep it; then it is deleted for good.",
                    letter.ends_at.map(instant).unwrap_or_default(),
                    letter.issuer.trim_end_matches('/')
                ),
                otherwise(letter),
            ],
        ),
        About::DeletionTakenBack => (
            format!("The account for {to} at {host}, which was to be deleted, was kept {}.", whence(mail)),
            None,
            vec!["Applications ask you to sign in again.".to_owned(), otherwise(letter)],
        ),
        About::Invitation => (
            format!("An account for {to} was made for you at {host}. Choose a password to use it."),
            link("Choose a password"),
            vec![
                ends.unwrap_or_default(),
                "If you did not expect this, ignore it: nothing happens without the link.".to_owned(),
            ],
        ),
        About::PasskeyAdded => (
            format!("A passkey was added for {to} at {host} {}.", whence(mail)),
            None,
            vec![
                "Whoever has it can sign in without your password.".to_owned(),
                otherwise(letter),
                "Within three days that removes the passkey, too.".to_owned(),
            ],
        ),
        About::PasskeyRemoved => (
            format!("A passkey of {to} at {host} was removed {}.", whence(mail)),
            None,
            vec!["It does not sign in any more.".to_owned(), otherwise(letter)],
        ),
        About::PasswordChanged => (
            format!("The password for {to} at {host} was changed {}.", whence(mail)),
            None,
            vec![
                "You were signed out everywhere; sign in with the new password.".to_owned(),
                otherwise(letter),
            ],
        ),
        About::RecoveryCodeUsed => (
            format!("A recovery code of {to} at {host} was used {}.", whence(mail)),
            None,
            vec!["It does not work a second time.".to_owned(), otherwise(letter)],
        ),
        About::RecoveryCodesMade => (
            format!("New recovery codes for {to} at {host} were made {}.", whence(mail)),
            None,
            vec!["Those from before do not work any more.".to_owned(), otherwise(letter)],
        ),
        About::Reset => (
            format!("Somebody, probably you, asked for a new password for {to} at {host}: {}.", whence(mail)),
            link("Choose a new password"),
            vec![
                ends.unwrap_or_default(),
                "If it was not you, ignore this mail: your password stays as it is.".to_owned(),
            ],
        ),
        About::SecondFactorAdded => (
            format!("An authenticator was added for {to} at {host} {}.", whence(mail)),
            None,
            vec![
                "Its code is asked for when you sign in.".to_owned(),
                otherwise(letter),
                "Within three days that removes the authenticator, too.".to_owned(),
            ],
        ),
        About::SecondFactorRemoved => (
            format!("The authenticator of {to} at {host} was removed {}.", whence(mail)),
            None,
            vec!["Its codes are not asked for any more.".to_owned(), otherwise(letter)],
        ),
        About::SignUp => (
            format!("Somebody, probably you, wants an account for {to} at {host}: {}.", whence(mail)),
            link("Choose a password"),
            vec![
                letter.ends_at.map(|at| format!("The link works until {}.", instant(at))).unwrap_or_default(),
                "If it was not you, ignore this mail: there is no account without the link.".to_owned(),
            ],
        ),
        About::Verification => (
            format!("Please confirm that {to} is your address at {host}."),
            link("Confirm the address"),
            vec![
                ends.unwrap_or_default(),
                format!("If you have no account at {host}, ignore this mail: nothing happens."),
            ],
        ),
    };
    Words { subject: &mail.subject, opening, link, closing }
}

/// What to do who has not done it.
fn otherwise(letter: &Letter) -> String {
    format!(
        "If it was not you, choose another password at once at {}/reset and tell whoever runs {}.",
        letter.issuer.trim_end_matches('/'),
        host(&letter.issuer)
    )
}

/// "on 21 November 2026 at 15:04 UTC, from 192.0.2.7, with Firefox on Linux".
fn whence(mail: &Mail) -> String {
    let letter = &mail.letter;
    let mut said = format!("on {}", instant(letter.at));
    if let Some(address) = &letter.address {
        said.push_str(&format!(", from {address}"));
    }
    if let Some(browser) = &letter.browser {
        said.push_str(&format!(", with {browser}"));
    }
    said
}

/// The instant as people read it.
pub(crate) fn instant(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    at.strftime("%-d %B %Y at %H:%M UTC").to_string()
}

fn host(issuer: &str) -> String {
    let uri: Option<Uri> = issuer.parse().ok();
    uri.as_ref().and_then(Uri::host).unwrap_or(issuer).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [About; 15] = [
        About::AccountDeleted,
        About::CodesGuessed,
        About::DeletionRequested,
        About::DeletionTakenBack,
        About::Invitation,
        About::PasskeyAdded,
        About::PasskeyRemoved,
        About::PasswordChanged,
        About::RecoveryCodeUsed,
        About::RecoveryCodesMade,
        About::Reset,
        About::SecondFactorAdded,
        About::SecondFactorRemoved,
        About::SignUp,
        About::Verification,
    ];

    fn mail(about: About) -> Mail {
        let link = match about {
            About::Invitation | About::Reset | About::SignUp | About::Verification => {
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
                ends_at: (link.is_some() || about == About::DeletionRequested)
                    .then(|| Timestamp::from_secs(1_763_701_800)),
                link,
                at: Timestamp::from_secs(1_763_700_000),
                address: Some("192.0.2.7".to_owned()),
                browser: Some("Firefox on Linux".to_owned()),
            },
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
    fn every_letter_is_whole_and_loads_nothing() {
        for about in ALL {
            let said = render(&mail(about)).unwrap();
            assert!(said.text.starts_with(about.subject()), "{}", said.text);
            assert!(!said.text.contains("  ") && !said.text.contains("\n\n\n"), "{:?}", said.text);
            for loads in ["<img", "<script", "src=", "url(", "<link"] {
                assert!(!said.html.contains(loads), "{loads} in {}", said.html);
            }
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
