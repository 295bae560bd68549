//! The stable names of what is audited.

use crate::text_enum::text_enum;

text_enum! {
    /// The stable names of what is audited.
    Event, "audit event" {
        /// An API was registered.
        ApiCreated = "api.created",
        /// An API was removed.
        ApiDeleted = "api.deleted",
        /// An API got a credential of its own.
        ApiSecretAdded = "api.secret_added",
        /// An API's own secret was revoked.
        ApiSecretRevoked = "api.secret_revoked",
        /// What an API's tokens are like was changed.
        ApiUpdated = "api.updated",
        /// A client was made.
        ClientCreated = "client.created",
        /// A client was removed.
        ClientDeleted = "client.deleted",
        /// A client was barred, its tokens with it.
        ClientDisabled = "client.disabled",
        /// A client may act again; its old tokens stay dead.
        ClientEnabled = "client.enabled",
        /// A client's name or what its tokens are like was changed.
        ClientUpdated = "client.updated",
        /// A company was made.
        CompanyCreated = "company.created",
        /// A company was removed.
        CompanyDeleted = "company.deleted",
        /// Everyone was barred from acting for a company.
        CompanyDisabled = "company.disabled",
        /// A company may be acted for again; old tokens stay dead.
        CompanyEnabled = "company.enabled",
        /// A company was renamed, or moved to another corporation.
        CompanyUpdated = "company.updated",
        /// A corporation was made.
        CorporationCreated = "corporation.created",
        /// A corporation was removed.
        CorporationDeleted = "corporation.deleted",
        /// A client was given an API.
        GrantCreated = "grant.created",
        /// An API was taken from a client.
        GrantDeleted = "grant.deleted",
        /// An integration was made: client, binding, grant and secret.
        IntegrationCreated = "integration.created",
        /// An integration was removed, with all of that.
        IntegrationDeleted = "integration.deleted",
        /// A signing key began to sign.
        KeyActivated = "key.activated",
        /// A signing key was made.
        KeyCreated = "key.created",
        /// A retired signing key was removed, once all that it signed had expired.
        KeyRemoved = "key.removed",
        /// A signing key signs no more.
        KeyRetired = "key.retired",
        /// A signing key was taken out of use at once, with all that it signed.
        KeyRevoked = "key.revoked",
        /// The keyring was made.
        KeyringCreated = "keyring.created",
        /// The data keys were sealed again, with another master key.
        KeyringRewrapped = "keyring.rewrapped",
        /// A client got a secret.
        SecretAdded = "secret.added",
        /// A client's secret was revoked.
        SecretRevoked = "secret.revoked",
        /// An access token was issued.
        TokenIssued = "token.issued",
        /// A token request was refused.
        TokenRefused = "token.refused",
        /// An access token was revoked before it expired.
        TokenRevoked = "token.revoked",
        /// So many tokens of a client were revoked one by one that all of its tokens were ended instead.
        TokensCollapsed = "tokens.collapsed",
    }
}
