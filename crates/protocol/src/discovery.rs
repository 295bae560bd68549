//! What the server says of itself, from one description: RFC 8414 and OpenID Connect Discovery 1.0.
//!
//! Only what exists is said. Members that a standard requires although the feature is not there are empty;
//! those whose absence would mean "yes" are an explicit `false`.

use serde::{Deserialize, Serialize};

/// The path of the RFC 8414 document, before the issuer's own path if it has one.
pub const AUTHORIZATION_SERVER_PATH: &str = "/.well-known/oauth-authorization-server";
/// The path of the OpenID Connect document, after the issuer's own path if it has one.
pub const OPENID_PATH: &str = "/.well-known/openid-configuration";
/// The path of the key set.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";
/// For how long the key set and the discovery documents may be kept by who reads them, in seconds (RFC 9111 §5.2.2.1).
pub const MAX_AGE_SECS: u64 = 300;
/// The path of the token endpoint.
pub const TOKEN_PATH: &str = "/oauth/token";

/// What exists: an endpoint that is `None` or a list that is empty does not. Also what a client reads from
/// either document.
///
/// The members have the names of the wire; see RFC 8414 §2.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The issuer, verbatim as in the `iss` claim.
    pub issuer: String,
    /// Where the resource owner allows or denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where grants become tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// The public keys that verify tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// RFC 7009.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Absence would mean client_secret_basic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// As of the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// RFC 7662.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Absence would leave it to be found out by other means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// As of the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// OIDC Core §5.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// OIDC RP-Initiated Logout §2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// For developers to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    /// Scope values worth telling strangers of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Required by both standards, so empty rather than absent.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// Absence would mean query and fragment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Vec<String>,
    /// Never left out: absence would mean authorization_code and implicit.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
    /// Never left out: absence would mean client_secret_basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// What client assertions may be signed with; must be there where `private_key_jwt` is a method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// RFC 7636 §6.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// Required in the OpenID Connect document, absent from the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject_types_supported: Vec<String>,
    /// Required in the OpenID Connect document, absent from the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_signing_alg_values_supported: Vec<String>,
}

impl Metadata {
    /// An issuer without any endpoint.
    #[must_use]
    pub fn new(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), ..Self::default() }
    }

    /// The address of `path` (which begins with a slash) at this issuer, whether or not that ends with a
    /// slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.strip_suffix('/').unwrap_or(&self.issuer))
    }

    /// The document of RFC 8414 §3.2.
    #[must_use]
    pub fn authorization_server_json(&self) -> Vec<u8> {
        let document = Self {
            userinfo_endpoint: None,
            subject_types_supported: Vec::new(),
            id_token_signing_alg_values_supported: Vec::new(),
            ..self.clone()
        };
        to_json(&document)
    }

    /// The document of OpenID Connect Discovery 1.0 §4.2.
    #[must_use]
    pub fn openid_json(&self) -> Vec<u8> {
        to_json(&OpenId {
            subject_types_supported: &self.subject_types_supported,
            id_token_signing_alg_values_supported: &self.id_token_signing_alg_values_supported,
            request_uri_parameter_supported: false,
            common: &Self {
                subject_types_supported: Vec::new(),
                id_token_signing_alg_values_supported: Vec::new(),
                ..self.clone()
            },
        })
    }
}

#[derive(Serialize)]
struct OpenId<'a> {
    #[serde(flatten)]
    common: &'a Metadata,
    subject_types_supported: &'a [String],
    id_token_signing_alg_values_supported: &'a [String],
    /// Absence would mean `true` (OIDC Discovery §3).
    request_uri_parameter_supported: bool,
}

fn to_json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("strings, lists and a flag always serialise")
}
