//! A client: an application that asks for tokens (RFC 6749 §1.1).

use std::time::Duration;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;

use crate::client_keys::ClientKeys;
use crate::ids::ClientId;
use crate::mint_quota::MintQuota;
use crate::tenant::TenantBinding;
use crate::text_enum::text_enum;

text_enum! {
    /// What an application is; picking one sets its grants and its way to authenticate (R51).
    ClientType, "client type" {
        /// A back end or a job that acts as itself.
        M2m = "m2m",
        /// An app on a device or a command line: anyone can download it, so it holds no secret.
        Native = "native",
        /// An app in the browser: it holds no secret.
        Spa = "spa",
        /// A server-side web application of another company.
        ThirdParty = "third-party",
        /// A server-side web application of our own.
        Web = "web",
    }
}

text_enum! {
    /// A grant type (RFC 6749 §1.3).
    GrantType, "grant type" {
        /// RFC 6749 §4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
    }
}

text_enum! {
    /// How a client authenticates (OpenID Connect Core §9).
    ClientAuthMethod, "client authentication method" {
        /// The secret in the `Authorization` header.
        ClientSecretBasic = "client_secret_basic",
        /// The secret in the body.
        ClientSecretPost = "client_secret_post",
        /// Not at all: a public client.
        None = "none",
        /// A signed assertion (RFC 7523 §2.2).
        PrivateKeyJwt = "private_key_jwt",
    }
}

/// What a client's authentication is pinned to: within the family of secrets it may use header or body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MethodFamily {
    /// `private_key_jwt`.
    Assertion,
    /// `none`.
    Public,
    /// `client_secret_basic` and `client_secret_post`.
    Secret,
}

text_enum! {
    /// Whose error words a client is answered in.
    ErrorStyle, "error style" {
        /// Auth0's statuses, codes and texts.
        Auth0 = "auth0",
        /// RFC 6749 §5.2.
        Rfc = "rfc",
    }
}

/// Whether a client may act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClientState {
    /// Refused everywhere since then.
    Disabled {
        /// When an operator disabled it.
        at: Timestamp,
    },
    /// May act.
    Enabled,
}

/// An application that asks for tokens.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// For people.
    pub name: String,
    /// What it is.
    pub kind: ClientType,
    /// How it authenticates.
    pub auth_method: ClientAuthMethod,
    /// The public keys of what it signs; only of one that authenticates by assertion.
    pub keys: Option<ClientKeys>,
    /// The companies it is bound to.
    pub binding: TenantBinding,
    /// Whose error words it is answered in.
    pub error_style: ErrorStyle,
    /// Ours; `false` for another company's.
    pub first_party: bool,
    /// Whether users need not be asked what it may do: only of a first-party client, and only where an operator said so.
    pub skip_consent: bool,
    /// Whether `/authorize` demands PKCE (RFC 7636).
    pub require_pkce: bool,
    /// Exact redirect URIs (RFC 6749 §3.1.2).
    pub redirect_uris: Vec<String>,
    /// Exact URIs to return to after signing out (OpenID Connect RP-Initiated Logout §3.1).
    pub post_logout_redirect_uris: Vec<String>,
    /// Where to post logout tokens (OpenID Connect Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<String>,
    /// How long its access tokens live; `None`: as the API says.
    pub access_token_ttl: Option<Duration>,
    /// How many it may get; what is `None`: as configured for all.
    pub quota: MintQuota,
    /// What its tokens say under the namespace beside the tenant. Checked when it is configured and again whenever a
    /// token is issued, because nothing may shadow what Tokenry says (R13).
    pub claims: Map<String, Value>,
    /// Whether it may act.
    pub state: ClientState,
    /// Counts every change to the client, its secrets and its grants, so that issuing can refuse a stale view.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Client {
    /// A client of ours of whose type everything follows that can: bound to no company, without keys, addresses, quotas or
    /// claims, and named after its id.
    #[must_use]
    pub fn new(kind: ClientType, id: ClientId, created_at: Timestamp) -> Self {
        Self {
            name: id.to_string(),
            id,
            kind,
            auth_method: kind.default_auth_method(),
            keys: None,
            binding: TenantBinding::Unbound,
            error_style: ErrorStyle::Rfc,
            first_party: true,
            skip_consent: false,
            require_pkce: true,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            access_token_ttl: None,
            quota: MintQuota::default(),
            claims: Map::new(),
            state: ClientState::Enabled,
            version: 1,
            created_at,
        }
    }
}

impl ClientType {
    /// The grants that this type of application gets.
    #[must_use]
    pub const fn grants(self) -> &'static [GrantType] {
        match self {
            Self::M2m => &[GrantType::ClientCredentials],
            Self::Native | Self::Spa | Self::ThirdParty | Self::Web => {
                &[GrantType::AuthorizationCode, GrantType::RefreshToken]
            }
        }
    }

    /// How this type of application authenticates unless an operator says otherwise.
    #[must_use]
    pub const fn default_auth_method(self) -> ClientAuthMethod {
        match self {
            Self::M2m | Self::ThirdParty | Self::Web => ClientAuthMethod::ClientSecretBasic,
            Self::Native | Self::Spa => ClientAuthMethod::None,
        }
    }

    /// Whether anyone outside can download the application, so that it cannot keep a secret (RFC 6749 §2.1).
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Native | Self::Spa)
    }
}

impl ClientAuthMethod {
    /// The family that the client is pinned to.
    #[must_use]
    pub const fn family(self) -> MethodFamily {
        match self {
            Self::ClientSecretBasic | Self::ClientSecretPost => MethodFamily::Secret,
            Self::None => MethodFamily::Public,
            Self::PrivateKeyJwt => MethodFamily::Assertion,
        }
    }
}

impl Client {
    /// Whether the client may use `grant`.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.kind.grants().contains(&grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r45_no_public_client_type_gets_client_credentials() {
        for kind in ClientType::ALL {
            let m2m = kind.grants().contains(&GrantType::ClientCredentials);
            assert!(!(m2m && kind.is_public()), "{kind}");
            assert_eq!(
                kind.is_public(),
                kind.default_auth_method().family() == MethodFamily::Public,
                "{kind}"
            );
        }
    }

    #[test]
    fn every_word_reads_back() {
        for kind in ClientType::ALL {
            assert_eq!(ClientType::parse(kind.as_str()), Ok(*kind));
        }
        let error = ClientType::parse("M2M").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"M2M\" is no client type; it is one of m2m, native, spa, third-party, web"
        );
    }
}
