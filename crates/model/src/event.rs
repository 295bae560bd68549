//! The stable names of what is audited, each with what its record's subject is.

use crate::text_enum::text_enum;

text_enum! {
    /// The stable names of what is audited.
    Event, "audit event" {
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
        /// A client's name or what its tokens are like was changed.
        /// Subject: client.
        ClientUpdated = "client.updated",
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
        /// A corporation was made.
        /// Subject: corporation.
        CorporationCreated = "corporation.created",
        /// A corporation was removed.
        /// Subject: corporation.
        CorporationDeleted = "corporation.deleted",
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
        /// A client got a secret.
        /// Subject: secret.
        SecretAdded = "secret.added",
        /// A client's secret was revoked.
        /// Subject: secret.
        SecretRevoked = "secret.revoked",
        /// An access token was issued.
        /// Subject: token.
        TokenIssued = "token.issued",
        /// A token request was refused, or any that needs a credential and came without a right one.
        /// Subject: none, or the client that was named.
        TokenRefused = "token.refused",
        /// An access token was revoked before it expired.
        /// Subject: token.
        TokenRevoked = "token.revoked",
        /// So many tokens of a client were revoked one by one that all of its tokens were ended instead.
        /// Subject: client.
        TokensCollapsed = "tokens.collapsed",
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::Event;

    /// The page as this file's own comments make it.
    fn page() -> String {
        let mut page = String::from(
            "# Audit events\n\n\
             Made from the comments in `crates/model/src/event.rs`, with which a test compares it.\n\n\
             A name once released stays what it is. Each record also has: when (`at`), who (`actor_kind`, `actor_id`: anonymous, api,\n\
             client, operator, system or user), for which company, from which address, `request_id`, `outcome` (`success`, or the stable\n\
             reason of a refusal, which `tokenry audit show` explains), further facts in `detail`, and `count`: how many it stands for.\n\n\
             | event | what happened | subject |\n|---|---|---|\n",
        );
        let mut comments = Vec::new();
        for line in include_str!("event.rs").lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix("/// ") {
                comments.push(comment);
            } else if let Some((_variant, word)) = line.trim_end_matches("\",").split_once(" = \"") {
                if let Some((subject, meaning)) = comments.split_last()
                    && let Some(subject) = subject.strip_prefix("Subject: ")
                {
                    let subject = subject.trim_end_matches('.');
                    writeln!(page, "| `{word}` | {} | {subject} |", meaning.join(" ")).unwrap();
                }
                comments.clear();
            } else {
                comments.clear();
            }
        }
        page
    }

    #[test]
    fn every_event_is_on_the_page_of_events() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/events.md");
        let page = page();
        for event in Event::ALL {
            assert_eq!(
                page.matches(&format!("| `{event}` |")).count(),
                1,
                "{event} says what its subject is"
            );
        }
        assert_eq!(
            std::fs::read_to_string(file).unwrap(),
            page,
            "docs/reference/events.md is not up to date"
        );
    }
}
