//! May this subject act now? The one place that answers; every path asks here.

use tokenry_clock::Timestamp;
use tokenry_model::{Client, ClientSecret, ClientState, Company, ResourceServerSecret};

/// Why a subject may not act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Barred {
    /// The client is disabled.
    ClientDisabled,
    /// The company that it acts for is disabled.
    CompanyDisabled,
    /// The secret has expired or been revoked.
    SecretEnded,
}

impl Barred {
    /// The stable word for log, metric and audit.
    #[must_use]
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::ClientDisabled => "client_disabled",
            Self::CompanyDisabled => "company_disabled",
            Self::SecretEnded => "secret_ended",
        }
    }
}

/// What the subject's right to act hangs on; what does not apply to it is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing<'a> {
    /// The application.
    pub(crate) client: Option<&'a Client>,
    /// The secret that it proved itself with.
    pub(crate) client_secret: Option<&'a ClientSecret>,
    /// The company that it acts for.
    pub(crate) company: Option<&'a Company>,
    /// The secret that an API proved itself with.
    pub(crate) resource_server_secret: Option<&'a ResourceServerSecret>,
}

/// Whether the subject may act at `now`.
///
/// # Errors
/// The first thing that bars it.
pub(crate) fn may_act(standing: Standing<'_>, now: Timestamp) -> Result<(), Barred> {
    if standing.client.is_some_and(|client| client.state != ClientState::Enabled) {
        return Err(Barred::ClientDisabled);
    }
    if standing.client_secret.is_some_and(|secret| !secret.works_at(now))
        || standing.resource_server_secret.is_some_and(|secret| !secret.works_at(now))
    {
        return Err(Barred::SecretEnded);
    }
    if standing.company.is_some_and(|company| company.disabled_at.is_some()) {
        return Err(Barred::CompanyDisabled);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::{
        ClientAuthMethod, ClientId, ClientType, CompanyId, Digest, ErrorStyle, SecretId, SecretVerifier,
        TenantBinding,
    };

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn client(state: ClientState) -> Client {
        Client {
            id: ClientId::parse("cron").unwrap(),
            name: "Cron".to_owned(),
            kind: ClientType::M2m,
            auth_method: ClientAuthMethod::ClientSecretBasic,
            binding: TenantBinding::Unbound,
            error_style: ErrorStyle::Rfc,
            first_party: true,
            require_pkce: true,
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            backchannel_logout_uri: None,
            access_token_ttl: None,
            state,
            version: 1,
            created_at: Timestamp::EPOCH,
        }
    }

    fn secret(expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>) -> ClientSecret {
        ClientSecret {
            id: SecretId::parse("s").unwrap(),
            client_id: ClientId::parse("cron").unwrap(),
            verifier: SecretVerifier::Digest(Digest::from_bytes([0; 32])),
            label: String::new(),
            last4: String::new(),
            created_at: Timestamp::EPOCH,
            expires_at,
            revoked_at,
            last_used_at: None,
        }
    }

    fn company(disabled_at: Option<Timestamp>) -> Company {
        Company {
            id: CompanyId::parse("acme").unwrap(),
            name: "Acme".to_owned(),
            corporation_id: None,
            disabled_at,
            version: 1,
            created_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn tok_20_every_bar_holds_by_itself() {
        let good = (client(ClientState::Enabled), secret(None, None), company(None));
        let disabled = client(ClientState::Disabled { at: NOW });
        let ended = [secret(Some(NOW), None), secret(None, Some(Timestamp::EPOCH))];
        let closed = company(Some(NOW));
        let standing = |client, client_secret, company| Standing {
            client: Some(client),
            client_secret: Some(client_secret),
            company: Some(company),
            resource_server_secret: None,
        };
        assert_eq!(may_act(standing(&good.0, &good.1, &good.2), NOW), Ok(()));
        assert_eq!(may_act(standing(&disabled, &good.1, &good.2), NOW), Err(Barred::ClientDisabled));
        for secret in &ended {
            assert_eq!(may_act(standing(&good.0, secret, &good.2), NOW), Err(Barred::SecretEnded));
        }
        assert_eq!(may_act(standing(&good.0, &good.1, &closed), NOW), Err(Barred::CompanyDisabled));
    }

    #[test]
    fn a_secret_works_until_the_millisecond_it_expires() {
        let secret = secret(Some(NOW), None);
        let standing = Standing { client_secret: Some(&secret), ..Standing::default() };
        assert_eq!(may_act(standing, Timestamp::from_millis(NOW.as_millis() - 1)), Ok(()));
        assert_eq!(may_act(standing, NOW), Err(Barred::SecretEnded));
    }
}
