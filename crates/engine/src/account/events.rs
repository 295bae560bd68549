//! What happened to an account, as its owner is told: from the audit trail, without ids, without codes that only operators
//! understand, and with nothing of others.

use std::time::Duration;

use serde_json::Value;
use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, CompanyId, Event, UserId};
use tokenry_store::StoredRecord;

use crate::engine::Engine;
use crate::refusal::Refusal;

/// How far back the page looks.
const RECENT: Duration = Duration::from_secs(90 * 86_400);
/// How many events the page has at the most.
const MAX_RECENT: usize = 20;
/// How many records of each kind are read at the least: failures in a row are told as one.
const MIN_RECORDS: usize = 200;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Happened {
    /// The account was made.
    AccountMade,
    /// The owner is a developer now, and got an account secret.
    AccountSecretAssigned,
    /// The account secret was shown.
    AccountSecretRevealed,
    /// The account secret was revoked.
    AccountSecretRevoked,
    /// There is another account secret.
    AccountSecretRotated,
    /// A wish for another address was called off.
    AddressCalledOff,
    /// The account has another address.
    AddressChanged,
    /// The address was shown to be the owner's.
    AddressConfirmed,
    /// A change of address was taken back.
    AddressRestored,
    /// Another address was asked for.
    AddressWished,
    /// A mailbox agreed to another address.
    AddressWishConfirmed,
    /// An application was let do something.
    AppAllowed,
    /// An application was not let do what it asked for.
    AppDenied,
    /// One thing that an application was let do was taken back.
    AppNarrowed,
    /// What an application was let do was taken back.
    AppTakenBack,
    /// The account was barred.
    Barred,
    /// A credential was seen where it should not be.
    CredentialLeaked,
    /// The owner deleted the account, and could take that back.
    DeletionRequested,
    /// The account is not deleted after all.
    DeletionTakenBack,
    /// What is kept of the owner was downloaded.
    Exported,
    /// A first password was chosen by a link.
    InvitationAccepted,
    /// A link to choose a first password was sent.
    Invited,
    /// The owner became a member of a company.
    MembershipAdded,
    /// The owner is no member of a company any more.
    MembershipRemoved,
    /// The owner's roles in a company are others.
    MembershipUpdated,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The password is another one.
    PasswordChanged,
    /// A password was chosen anew by a link.
    PasswordReset,
    /// A link to choose a password anew was asked for.
    PasswordResetRequested,
    /// A personal access token was made.
    PatCreated,
    /// A personal access token is about to expire.
    PatExpiring,
    /// A personal access token got another value.
    PatRefreshed,
    /// A personal access token was revoked.
    PatRevoked,
    /// A personal access token got another value, and the one before works a while longer.
    PatRolled,
    /// What is known of the owner was changed.
    ProfileChanged,
    /// Whoever was signed in has shown once more who they are.
    Reauthenticated,
    /// A recovery code stood in for a second factor.
    RecoveryCodeUsed,
    /// There are other recovery codes.
    RecoveryCodesMade,
    /// Another second factor is asked for.
    SecondFactorAdded,
    /// A second factor is asked for no more.
    SecondFactorRemoved,
    /// Who knew the password did not show the second factor.
    SecondFactorWrong,
    /// Somebody could not sign in.
    SignInFailed,
    /// Somebody signed in.
    SignedIn,
    /// A session ended.
    SignedOut,
    /// All sessions ended.
    SignedOutEverywhere,
    /// The account may be used again.
    Unbarred,
    /// A link that proves the address was sent.
    VerificationSent,
}

/// Who did it, as far as the owner may know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// Somebody who has not shown to be anybody.
    Anybody,
    /// Whoever runs the server.
    Operator,
    /// Whoever was signed in as the owner.
    Owner,
}

/// One thing that happened to an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountEvent {
    /// When; of several in a row the last.
    pub at: Timestamp,
    /// What was recorded.
    pub event: Event,
    /// What it means to the owner.
    pub happened: Happened,
    /// Who did it.
    pub by: By,
    /// From which address, or network where failures were counted together; `None` where that is not known, or they were
    /// several.
    pub address: Option<String>,
    /// With which browser, in words of ours.
    pub browser: Option<String>,
    /// The application or the company that it is about, by name; `None` where it is about neither, or that is gone.
    pub about: Option<String>,
    /// How often in a row: more than one only of failures.
    pub times: i64,
}

impl Engine {
    /// What happened to an account in the last 90 days, at most the last twenty things, newest first.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn recent_events(&self, user: &UserId, now: Timestamp) -> Result<Vec<AccountEvent>, Refusal> {
        self.account_events(user, now.minus(RECENT), MAX_RECENT).await
    }

    /// What happened to an account at `since` or later, at most the last `limit` things, newest first.
    pub(super) async fn account_events(
        &self,
        user: &UserId,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<AccountEvent>, Refusal> {
        let most = i64::try_from(limit.max(MIN_RECORDS)).unwrap_or(i64::MAX);
        let records = self.store.list_audit_of_user(user, since, most).await?;
        let mut events: Vec<AccountEvent> = Vec::new();
        for record in records {
            let Some(event) = self.account_event(&record).await? else { continue };
            if let Some(newer) = events.last_mut().filter(|newer| is_repeated(newer, &event)) {
                repeat(newer, &event);
            } else if events.len() < limit {
                events.push(event);
            } else {
                break;
            }
        }
        Ok(events)
    }

    async fn account_event(&self, record: &StoredRecord) -> Result<Option<AccountEvent>, Refusal> {
        let Some((event, happened)) = happened(record) else { return Ok(None) };
        let detail: Value = serde_json::from_str(&record.detail).unwrap_or_default();
        let said = |name: &str| detail.get(name).and_then(Value::as_str);
        let about = match happened {
            Happened::AppAllowed | Happened::AppDenied | Happened::AppNarrowed | Happened::AppTakenBack => {
                let subject = record.subject_id.as_deref().filter(|_id| is_of(record, "client"));
                self.app_name(subject.or(said("client"))).await?
            }
            Happened::MembershipAdded | Happened::MembershipRemoved | Happened::MembershipUpdated => {
                self.company_name(record.company_id.as_deref()).await?
            }
            _ => None,
        };
        Ok(Some(AccountEvent {
            at: record.at,
            event,
            happened,
            by: match record.actor_kind.as_str() {
                "user" => By::Owner,
                "operator" => By::Operator,
                _ => By::Anybody,
            },
            address: record.address.clone(),
            browser: said("browser").map(str::to_owned),
            about,
            times: record.count,
        }))
    }

    async fn app_name(&self, id: Option<&str>) -> Result<Option<String>, Refusal> {
        let Some(id) = id.and_then(|id| ClientId::parse(id).ok()) else { return Ok(None) };
        Ok(self.store.find_client(&id).await?.map(|client| client.name))
    }

    async fn company_name(&self, id: Option<&str>) -> Result<Option<String>, Refusal> {
        let Some(id) = id.and_then(|id| CompanyId::parse(id).ok()) else { return Ok(None) };
        Ok(self.store.find_company(&id).await?.map(|company| company.name))
    }
}

fn is_of(record: &StoredRecord, kind: &str) -> bool {
    record.subject_kind.as_deref() == Some(kind)
}

/// What the owner is told of a record; `None`: nothing.
fn happened(record: &StoredRecord) -> Option<(Event, Happened)> {
    let event = Event::parse(&record.event).ok()?;
    let happened = match (event, record.outcome.as_str()) {
        (
            Event::SignInRefused,
            "passkey_of_another_user" | "too_many_wrong_codes" | "wrong_second_factor",
        ) => Happened::SecondFactorWrong,
        (Event::SignInRefused, _) => Happened::SignInFailed,
        (event, _) => told(event)?,
    };
    Some((event, happened))
}

/// What the owner is told of a success.
fn told(event: Event) -> Option<Happened> {
    Some(match event {
        Event::AccountSecretAssigned => Happened::AccountSecretAssigned,
        Event::AccountSecretRevealed => Happened::AccountSecretRevealed,
        Event::AccountSecretRevoked => Happened::AccountSecretRevoked,
        Event::AccountSecretRotated => Happened::AccountSecretRotated,
        Event::ConsentDenied => Happened::AppDenied,
        Event::ConsentGranted => Happened::AppAllowed,
        Event::ConsentNarrowed => Happened::AppNarrowed,
        Event::ConsentRevoked => Happened::AppTakenBack,
        Event::CredentialLeaked => Happened::CredentialLeaked,
        Event::MembershipAdded => Happened::MembershipAdded,
        Event::MembershipRemoved => Happened::MembershipRemoved,
        Event::MembershipUpdated => Happened::MembershipUpdated,
        Event::PasswordReset => Happened::PasswordReset,
        Event::PasswordResetRequested => Happened::PasswordResetRequested,
        Event::PatCreated => Happened::PatCreated,
        Event::PatExpiring => Happened::PatExpiring,
        Event::PatRefreshed => Happened::PatRefreshed,
        Event::PatRevoked => Happened::PatRevoked,
        Event::PatRolled => Happened::PatRolled,
        Event::SessionEnded => Happened::SignedOut,
        Event::SessionReauthenticated => Happened::Reauthenticated,
        Event::SessionStarted => Happened::SignedIn,
        Event::UserAddressCalledOff => Happened::AddressCalledOff,
        Event::UserAddressChanged => Happened::AddressChanged,
        Event::UserAddressConfirmed => Happened::AddressWishConfirmed,
        Event::UserAddressRestored => Happened::AddressRestored,
        Event::UserAddressWished => Happened::AddressWished,
        Event::UserCreated | Event::UserSignedUp => Happened::AccountMade,
        Event::UserDeletionRequested => Happened::DeletionRequested,
        Event::UserDeletionTakenBack => Happened::DeletionTakenBack,
        Event::UserDisabled => Happened::Barred,
        Event::UserEnabled => Happened::Unbarred,
        Event::UserExported => Happened::Exported,
        Event::UserInvitationAccepted => Happened::InvitationAccepted,
        Event::UserInvited => Happened::Invited,
        Event::UserPasskeyAdded => Happened::PasskeyAdded,
        Event::UserPasskeyRemoved => Happened::PasskeyRemoved,
        Event::UserPasswordSet => Happened::PasswordChanged,
        Event::UserRecoveryCodeUsed => Happened::RecoveryCodeUsed,
        Event::UserRecoveryCodesMade => Happened::RecoveryCodesMade,
        Event::UserSecondFactorAdded => Happened::SecondFactorAdded,
        Event::UserSecondFactorRemoved => Happened::SecondFactorRemoved,
        Event::UserSignedOut => Happened::SignedOutEverywhere,
        Event::UserUpdated => Happened::ProfileChanged,
        Event::UserVerified => Happened::AddressConfirmed,
        Event::VerificationSent => Happened::VerificationSent,
        _ => return None,
    })
}

/// Whether it is the same failure once more: a night of guessing is one line.
fn is_repeated(newer: &AccountEvent, older: &AccountEvent) -> bool {
    matches!(older.happened, Happened::SecondFactorWrong | Happened::SignInFailed)
        && newer.happened == older.happened
}

fn repeat(newer: &mut AccountEvent, older: &AccountEvent) {
    newer.times = newer.times.saturating_add(older.times);
    if newer.address != older.address {
        newer.address = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever adds an event decides here whether the owner of an account is told of it.
    #[test]
    fn owners_are_told_of_all_that_happens_to_an_account() {
        let about_people = |event: &Event| {
            let name = event.as_str();
            [
                "account_secret.",
                "consent.",
                "credential.",
                "membership.",
                "password.",
                "pat.",
                "session.",
                "user.",
            ]
            .iter()
            .any(|it| name.starts_with(it))
        };
        let untold: Vec<_> = Event::ALL
            .iter()
            .filter(|event| about_people(event) && told(**event).is_none())
            .map(|event| event.as_str())
            .collect();
        assert_eq!(untold, ["user.deleted"], "there is nobody to be told");
    }
}
