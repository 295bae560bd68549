//! What happened to the account of whoever is signed in, in words.

use tokenry_engine::{AccountEvent, By, Happened, Refusal};
use tokenry_model::UserId;

use crate::app::State;
use crate::words::Words;

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
    words: &Words,
) -> Result<Vec<Line>, Refusal> {
    let events = state.engine.recent_events(user, now).await?;
    let line = |event| Line { what: what(event, words), whence: whence(event, words) };
    Ok(events.iter().map(line).collect())
}

fn what(event: &AccountEvent, words: &Words) -> String {
    let mut text = happened(event, words);
    if event.by == By::Operator {
        text = words.event_by_administrator(text);
    }
    if event.times > 1 {
        text = words.event_times(text, event.times);
    }
    text
}

fn happened(event: &AccountEvent, words: &Words) -> String {
    let app = || event.about.clone().unwrap_or_else(|| words.event_app_gone());
    let company = || event.about.clone().unwrap_or_else(|| words.event_company_gone());
    match event.happened {
        Happened::AccountMade => words.event_account_made(),
        Happened::AccountSecretAssigned => words.event_account_secret_assigned(),
        Happened::AccountSecretRevealed => words.event_account_secret_revealed(),
        Happened::AccountSecretRevoked => words.event_account_secret_revoked(),
        Happened::AccountSecretRotated => words.event_account_secret_rotated(),
        Happened::AddressCalledOff => words.event_address_called_off(),
        Happened::AddressChanged => words.event_address_changed(),
        Happened::AddressRestored => words.event_address_restored(),
        Happened::AddressWishConfirmed => words.event_address_wish_confirmed(),
        Happened::AddressWished => words.event_address_wished(),
        Happened::AddressConfirmed => words.event_address_confirmed(),
        Happened::AppAllowed => words.event_app_allowed(app()),
        Happened::AppDenied => words.event_app_denied(app()),
        Happened::AppNarrowed => words.event_app_narrowed(app()),
        Happened::AppTakenBack => words.event_app_taken_back(app()),
        Happened::Barred => words.event_barred(),
        Happened::CredentialLeaked => words.event_credential_leaked(),
        Happened::DeletionRequested => words.event_deletion_requested(),
        Happened::DeletionTakenBack => words.event_deletion_taken_back(),
        Happened::Exported => words.event_exported(),
        Happened::InvitationAccepted => words.event_invitation_accepted(),
        Happened::Invited => words.event_invited(),
        Happened::MembershipAdded => words.event_membership_added(company()),
        Happened::MembershipRemoved => words.event_membership_removed(company()),
        Happened::MembershipUpdated => words.event_membership_updated(company()),
        Happened::PasskeyAdded => words.event_passkey_added(),
        Happened::PasskeyRemoved => words.event_passkey_removed(),
        Happened::PasswordChanged => words.event_password_changed(),
        Happened::PasswordReset => words.event_password_reset(),
        Happened::PasswordResetRequested => words.event_password_reset_requested(),
        Happened::PatCreated => words.event_pat_created(),
        Happened::PatExpiring => words.event_pat_expiring(),
        Happened::PatRefreshed => words.event_pat_refreshed(),
        Happened::PatRevoked => words.event_pat_revoked(),
        Happened::PatRolled => words.event_pat_rolled(),
        Happened::ProfileChanged => words.event_profile_changed(),
        Happened::Reauthenticated => words.event_reauthenticated(),
        Happened::RecoveryCodeUsed => words.event_recovery_code_used(),
        Happened::RecoveryCodesMade => words.event_recovery_codes_made(),
        Happened::SecondFactorAdded => words.event_second_factor_added(),
        Happened::SecondFactorRemoved => words.event_second_factor_removed(),
        Happened::SecondFactorWrong => words.event_second_factor_wrong(),
        Happened::SignInFailed => words.event_sign_in_failed(),
        Happened::SignedIn => words.event_signed_in(),
        Happened::SignedOut => words.event_signed_out(),
        Happened::SignedOutEverywhere => words.event_signed_out_everywhere(),
        Happened::Unbarred => words.event_unbarred(),
        Happened::VerificationSent => words.event_verification_sent(),
    }
}

fn whence(event: &AccountEvent, words: &Words) -> String {
    let browser = event.browser.as_deref().map(|browser| words.browser(browser));
    let known = [Some(words.at(event.at)), event.address.clone(), browser];
    known.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
