//! What happened to the account of whoever is signed in, in words.

use tokenry_engine::{AccountEvent, By, Happened, Refusal};
use tokenry_model::UserId;

use crate::app::State;
use crate::ui::account::minute;

/// Something that happened, in words.
pub(super) struct Line {
    pub(super) what: String,
    /// When, from where and with which browser.
    pub(super) whence: String,
}

/// What happened to an account lately, the last first.
pub(super) async fn lines(
    state: &State,
    user: &UserId,
    now: tokenry_clock::Timestamp,
) -> Result<Vec<Line>, Refusal> {
    let events = state.engine.recent_events(user, now).await?;
    Ok(events.iter().map(|event| Line { what: what(event), whence: whence(event) }).collect())
}

fn what(event: &AccountEvent) -> String {
    let mut text = words(event);
    if event.by == By::Operator {
        text.push_str(" by an administrator");
    }
    if event.times > 1 {
        text.push_str(&format!(", {} times in a row", event.times));
    }
    text
}

fn words(event: &AccountEvent) -> String {
    let app = event.about.as_deref().unwrap_or("an application that is gone");
    let company = event.about.as_deref().unwrap_or("a company that is gone");
    let plain = match event.happened {
        Happened::AccountMade => "The account was made",
        Happened::AddressConfirmed => "The e-mail address was confirmed",
        Happened::AppAllowed => return format!("Access was given to {app}"),
        Happened::AppDenied => return format!("Access was denied to {app}"),
        Happened::AppNarrowed => return format!("A permission was taken back from {app}"),
        Happened::AppTakenBack => return format!("Access was taken back from {app}"),
        Happened::Barred => "The account was disabled",
        Happened::DeletionRequested => "The account was deleted, with time to take that back",
        Happened::DeletionTakenBack => "The account was kept after all",
        Happened::Exported => "What is kept of you was downloaded",
        Happened::InvitationAccepted => "A first password was chosen",
        Happened::Invited => "A link to choose a first password was sent",
        Happened::MembershipAdded => return format!("The account was added to {company}"),
        Happened::MembershipRemoved => return format!("The account was removed from {company}"),
        Happened::MembershipUpdated => return format!("The roles in {company} were changed"),
        Happened::PasskeyAdded => "A passkey was added",
        Happened::PasskeyRemoved => "A passkey was removed",
        Happened::PasswordChanged => "The password was changed",
        Happened::PasswordReset => "The password was chosen anew by a link in a mail",
        Happened::PasswordResetRequested => "A link to choose a new password was asked for",
        Happened::ProfileChanged => "The profile was changed",
        Happened::Reauthenticated => "It was confirmed who is signed in",
        Happened::RecoveryCodeUsed => "A recovery code was used",
        Happened::RecoveryCodesMade => "New recovery codes were made",
        Happened::SecondFactorAdded => "An authenticator was added",
        Happened::SecondFactorRemoved => "The second factor was removed",
        Happened::SecondFactorWrong => "The password was right, and the second factor was wrong",
        Happened::SignInFailed => "A sign-in failed",
        Happened::SignedIn => "Somebody signed in",
        Happened::SignedOut => "A browser was signed out",
        Happened::SignedOutEverywhere => "All browsers were signed out",
        Happened::Unbarred => "The account was enabled again",
        Happened::VerificationSent => "A link to confirm the e-mail address was sent",
    };
    plain.to_owned()
}

fn whence(event: &AccountEvent) -> String {
    let when = minute(event.at);
    let known = [Some(&when), event.address.as_ref(), event.browser.as_ref()];
    known.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
}
