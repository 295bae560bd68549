//! The stable names of what is audited, each with what its record's subject is.

use crate::text_enum::text_enum;

text_enum! {
    /// The stable names of what is audited.
    Event, "audit event" {
        /// A user who is a developer from now on got an account secret; with `secret`, which.
        /// Subject: user.
        AccountSecretAssigned = "account_secret.assigned",
        /// A user, or an operator, was shown an account secret.
        /// Subject: user.
        AccountSecretRevealed = "account_secret.revealed",
        /// An account secret was revoked.
        /// Subject: user.
        AccountSecretRevoked = "account_secret.revoked",
        /// An account secret has another in its place; with `works_until`, if the one before works a while longer.
        /// Subject: user.
        AccountSecretRotated = "account_secret.rotated",
        /// An API was registered.
        /// Subject: api.
        ApiCreated = "api.created",
        /// An API was removed.
        /// Subject: api.
        ApiDeleted = "api.deleted",
        /// An API got a credential of its own.
        /// Subject: secret.
        ApiSecretAdded = "api.secret_added",
        /// An API's own secret was revoked.
        /// Subject: secret.
        ApiSecretRevoked = "api.secret_revoked",
        /// Somebody could not sign in.
        /// Subject: none, or the user that was named.
        SignInRefused = "sign_in.refused",
        /// What an API's tokens are like was changed.
        /// Subject: api.
        ApiUpdated = "api.updated",
        /// The key that signs the checkpoints of this trail was made.
        /// Subject: key.
        AuditKeyCreated = "audit.key_created",
        /// Sealed records older than `audit.keep` were removed.
        /// Subject: none.
        AuditRemoved = "audit.removed",
        /// Records can be written again, after they could not for a while.
        /// Subject: none.
        AuditResumed = "audit.resumed",
        /// A client was made.
        /// Subject: client.
        ClientCreated = "client.created",
        /// A client was removed.
        /// Subject: client.
        ClientDeleted = "client.deleted",
        /// A client was barred, its tokens with it.
        /// Subject: client.
        ClientDisabled = "client.disabled",
        /// A client may act again; its old tokens stay dead.
        /// Subject: client.
        ClientEnabled = "client.enabled",
        /// A client's name, what its tokens are like or how many it may get was changed.
        /// Subject: client.
        ClientUpdated = "client.updated",
        /// An authorization code was presented with the wrong PKCE verifier, and given up.
        /// Subject: token.
        CodeBurned = "code.burned",
        /// A user let an application have an authorization code.
        /// Subject: token.
        CodeIssued = "code.issued",
        /// An authorization code was presented again: all that was issued for it has ended.
        /// Subject: token.
        CodeReplayed = "code.replayed",
        /// A company was made.
        /// Subject: company.
        CompanyCreated = "company.created",
        /// A company was removed.
        /// Subject: company.
        CompanyDeleted = "company.deleted",
        /// Everyone was barred from acting for a company.
        /// Subject: company.
        CompanyDisabled = "company.disabled",
        /// A company may be acted for again; old tokens stay dead.
        /// Subject: company.
        CompanyEnabled = "company.enabled",
        /// A company was renamed, or moved to another corporation.
        /// Subject: company.
        CompanyUpdated = "company.updated",
        /// A user did not let a client do what it asked for.
        /// Subject: client.
        ConsentDenied = "consent.denied",
        /// A user let a client do what it asked for.
        /// Subject: client.
        ConsentGranted = "consent.granted",
        /// A user took back one scope of what a client was let do, with all that was issued that held it.
        /// Subject: client.
        ConsentNarrowed = "consent.narrowed",
        /// What a user let a client do was taken back, by the user, an operator, a reset by mail or a link to an old address, with all
        /// that was issued for it.
        /// Subject: client, or the user where an operator took it back.
        ConsentRevoked = "consent.revoked",
        /// A corporation was made.
        /// Subject: corporation.
        CorporationCreated = "corporation.created",
        /// A corporation was removed.
        /// Subject: corporation.
        CorporationDeleted = "corporation.deleted",
        /// A credential was reported to have been seen where it should not be. With its `kind`, its last four characters, and
        /// whether it was `revoked` or its owner only told.
        /// Subject: user, or secret or token where it is no user's.
        CredentialLeaked = "credential.leaked",
        /// A backup of the database was made, and is whole.
        /// Subject: none.
        DatabaseBackedUp = "database.backed_up",
        /// The database was copied here from another engine.
        /// Subject: none.
        DatabaseCopied = "database.copied",
        /// The database was restored from a backup.
        /// Subject: none.
        DatabaseRestored = "database.restored",
        /// A client was given an API.
        /// Subject: grant.
        GrantCreated = "grant.created",
        /// An API was taken from a client.
        /// Subject: grant.
        GrantDeleted = "grant.deleted",
        /// An integration was made: client, binding, grant and secret.
        /// Subject: integration.
        IntegrationCreated = "integration.created",
        /// An integration was removed, with all of that.
        /// Subject: integration.
        IntegrationDeleted = "integration.deleted",
        /// A signing key began to sign.
        /// Subject: key.
        KeyActivated = "key.activated",
        /// A signing key was made.
        /// Subject: key.
        KeyCreated = "key.created",
        /// A retired signing key was removed, once all that it signed had expired.
        /// Subject: key.
        KeyRemoved = "key.removed",
        /// A signing key signs no more.
        /// Subject: key.
        KeyRetired = "key.retired",
        /// A signing key was taken out of use at once, with all that it signed.
        /// Subject: key.
        KeyRevoked = "key.revoked",
        /// The keyring was made.
        /// Subject: none.
        KeyringCreated = "keyring.created",
        /// The data keys were sealed again, with another master key.
        /// Subject: none.
        KeyringRewrapped = "keyring.rewrapped",
        /// A client was told that a session has ended.
        /// Subject: session.
        LogoutDelivered = "logout.delivered",
        /// A client could not be told that a session has ended, and is not any more.
        /// Subject: session.
        LogoutGivenUp = "logout.given_up",
        /// Mail was not taken by the mail server within a day, and is not sent any more.
        /// Subject: none.
        MailGivenUp = "mail.given_up",
        /// A user became a member of a company.
        /// Subject: user.
        MembershipAdded = "membership.added",
        /// A user is no member of a company any more, and what was granted there ended.
        /// Subject: user.
        MembershipRemoved = "membership.removed",
        /// A user's roles in a company were changed.
        /// Subject: user.
        MembershipUpdated = "membership.updated",
        /// A password was chosen anew by a link in a mail; the user's sessions and tokens ended.
        /// Subject: user.
        PasswordReset = "password.reset",
        /// Somebody asked for a link to choose a password anew, and one was sent.
        /// Subject: user.
        PasswordResetRequested = "password.reset_requested",
        /// A user made a personal access token.
        /// Subject: pat.
        PatCreated = "pat.created",
        /// A personal access token expires in a month, a week or a day, and its owner was told by mail; with `pat`, `expires_at`, and
        /// in how many `days` at the most.
        /// Subject: user.
        PatExpiring = "pat.expiring",
        /// A personal access token got another value; the one before is dead.
        /// Subject: pat.
        PatRefreshed = "pat.refreshed",
        /// A personal access token was revoked.
        /// Subject: pat, or the user where somebody else revoked it; with `pat`.
        PatRevoked = "pat.revoked",
        /// A personal access token got another value; the one before works a while longer.
        /// Subject: pat.
        PatRolled = "pat.rolled",
        /// A refresh token that had been spent was presented again: all that was granted with it has ended.
        /// Subject: token.
        RefreshTokenReused = "refresh_token.reused",
        /// A refresh token was revoked, with all that was granted with it.
        /// Subject: token.
        RefreshTokenRevoked = "refresh_token.revoked",
        /// A role was made.
        /// Subject: role.
        RoleCreated = "role.created",
        /// A role that nobody had was removed.
        /// Subject: role.
        RoleDeleted = "role.deleted",
        /// What a role allows was changed.
        /// Subject: role.
        RoleUpdated = "role.updated",
        /// A client got a secret.
        /// Subject: secret.
        SecretAdded = "secret.added",
        /// A client's secret was revoked.
        /// Subject: secret.
        SecretRevoked = "secret.revoked",
        /// A session ended: its user signed out, or somebody ended it.
        /// Subject: session.
        SessionEnded = "session.ended",
        /// Somebody who is signed in has proven again to be who they are.
        /// Subject: session.
        SessionReauthenticated = "session.reauthenticated",
        /// A user signed in.
        /// Subject: session.
        SessionStarted = "session.started",
        /// A theme was removed: the pages look as they would without it.
        /// Subject: client, or none: the server's own.
        ThemeRemoved = "theme.removed",
        /// A theme was made or changed: how the pages look.
        /// Subject: client, or none: the server's own.
        ThemeUpdated = "theme.updated",
        /// An access token was issued.
        /// Subject: token.
        TokenIssued = "token.issued",
        /// A token request was refused, or any that needs a credential and came without a right one.
        /// Subject: none, or the client that was named.
        TokenRefused = "token.refused",
        /// An access token was revoked before it expired.
        /// Subject: token.
        TokenRevoked = "token.revoked",
        /// So many tokens of a client, or of one user's authorization, were revoked one by one that all were ended instead.
        /// Subject: client, or token.
        TokensCollapsed = "tokens.collapsed",
        /// A user's wish for another address was called off.
        /// Subject: user.
        UserAddressCalledOff = "user.address_called_off",
        /// A user has another address, which is the username; with both.
        /// Subject: user.
        UserAddressChanged = "user.address_changed",
        /// A mailbox confirmed that a user gets another address; with `by`, which.
        /// Subject: user.
        UserAddressConfirmed = "user.address_confirmed",
        /// A change of address was taken back by a link at the old one; the user's sessions and tokens ended. With the address
        /// from then on, and the one until then.
        /// Subject: user.
        UserAddressRestored = "user.address_restored",
        /// A user asked for another address.
        /// Subject: user.
        UserAddressWished = "user.address_wished",
        /// A user was made.
        /// Subject: user.
        UserCreated = "user.created",
        /// A user was removed.
        /// Subject: user.
        UserDeleted = "user.deleted",
        /// A user deleted the account, was signed out everywhere, and may take it back for a while.
        /// Subject: user.
        UserDeletionRequested = "user.deletion_requested",
        /// A user who had deleted the account keeps it, or was kept by an operator.
        /// Subject: user.
        UserDeletionTakenBack = "user.deletion_taken_back",
        /// A user was barred, and signed out everywhere.
        /// Subject: user.
        UserDisabled = "user.disabled",
        /// A user may act again; what had ended stays so.
        /// Subject: user.
        UserEnabled = "user.enabled",
        /// A user downloaded what is kept of them.
        /// Subject: user.
        UserExported = "user.exported",
        /// A user chose a first password by the link of an invitation.
        /// Subject: user.
        UserInvitationAccepted = "user.invitation_accepted",
        /// A user was sent a link to choose a first password.
        /// Subject: user.
        UserInvited = "user.invited",
        /// A user can sign in by another passkey.
        /// Subject: user.
        UserPasskeyAdded = "user.passkey_added",
        /// A user can no longer sign in by one of the passkeys.
        /// Subject: user.
        UserPasskeyRemoved = "user.passkey_removed",
        /// A user got another password, and was signed out everywhere.
        /// Subject: user.
        UserPasswordSet = "user.password_set",
        /// A recovery code stood in for a second factor.
        /// Subject: user.
        UserRecoveryCodeUsed = "user.recovery_code_used",
        /// A user got new recovery codes; the old ones are void.
        /// Subject: user.
        UserRecoveryCodesMade = "user.recovery_codes_made",
        /// Signing in as a user by password takes a code of an authenticator from now on, or what else is a second factor.
        /// Subject: user.
        UserSecondFactorAdded = "user.second_factor_added",
        /// A user's authenticator is asked for no more. Where an operator, a reset by mail or a link to an old address removed it,
        /// passkeys went, too.
        /// Subject: user.
        UserSecondFactorRemoved = "user.second_factor_removed",
        /// A user was signed out everywhere, and all that was granted ended.
        /// Subject: user.
        UserSignedOut = "user.signed_out",
        /// Somebody who had proven an address made an account of their own.
        /// Subject: user.
        UserSignedUp = "user.signed_up",
        /// What is known of a user was changed.
        /// Subject: user.
        UserUpdated = "user.updated",
        /// A user's address was found to be the user's, by a link in a mail.
        /// Subject: user.
        UserVerified = "user.verified",
        /// A user was sent a link that proves the address.
        /// Subject: user.
        VerificationSent = "user.verification_sent",
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    /// `docs/reference/events.md` is made of it.
    #[test]
    fn every_event_says_what_happened_and_what_its_subject_is() {
        for event in Event::ALL {
            let (happened, subject) = event.meaning().split_once(". Subject: ").unwrap_or_default();
            assert!(!happened.is_empty() && subject.ends_with('.'), "{event}: {}", event.meaning());
        }
    }
}
