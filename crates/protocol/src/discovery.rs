//! What the server says of itself, from one description: RFC 8414 and OpenID Connect Discovery 1.0.
//!
//! Only what exists is said. Members that a standard requires although the feature is not there are empty;
//! those whose absence would mean "yes" are an explicit `false`.

use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};

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
/// The path of what is told about users, and so an audience of its own.
pub const USERINFO_PATH: &str = "/userinfo";

/// What exists: an endpoint that is `None` or a list that is empty does not. Also what a client reads from
/// either document.
///
/// The members have the names of the wire; see RFC 8414 §2.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Metadata {
    /// The issuer, verbatim as in the `iss` claim.
    pub issuer: String,
    /// Where the resource owner allows or denies.
    pub authorization_endpoint: Option<String>,
    /// Where grants become tokens.
    pub token_endpoint: Option<String>,
    /// The public keys that verify tokens.
    pub jwks_uri: Option<String>,
    /// RFC 7009.
    pub revocation_endpoint: Option<String>,
    /// Absence would mean client_secret_basic.
    #[serde(default)]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// As of the token endpoint.
    #[serde(default)]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// RFC 7662.
    pub introspection_endpoint: Option<String>,
    /// Absence would leave it to be found out by other means.
    #[serde(default)]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// As of the token endpoint.
    #[serde(default)]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// OIDC Core §5.3.
    pub userinfo_endpoint: Option<String>,
    /// OIDC RP-Initiated Logout §2.1.
    pub end_session_endpoint: Option<String>,
    /// Whether clients are told of sessions that end (OIDC Back-Channel Logout §2.1).
    #[serde(default)]
    pub backchannel_logout_supported: bool,
    /// Whether they are told which.
    #[serde(default)]
    pub backchannel_logout_session_supported: bool,
    /// For developers to read.
    pub service_documentation: Option<String>,
    /// Scope values worth telling strangers of.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// Required by both standards, so empty rather than absent.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// Absence would mean query and fragment.
    #[serde(default)]
    pub response_modes_supported: Vec<String>,
    /// Never left out: absence would mean authorization_code and implicit.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
    /// Never left out: absence would mean client_secret_basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// What client assertions may be signed with; must be there where `private_key_jwt` is a method.
    #[serde(default)]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// RFC 7636 §6.2.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Required in the OpenID Connect document, absent from the other.
    #[serde(default)]
    pub subject_types_supported: Vec<String>,
    /// Required in the OpenID Connect document, absent from the other.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// In the OpenID Connect document alone: what can be told about users.
    #[serde(default)]
    pub claims_supported: Vec<String>,
    /// Which languages our pages are written in, as BCP 47 tags.
    #[serde(default)]
    pub ui_locales_supported: Vec<String>,
    /// In the OpenID Connect document alone (Initiating User Registration §4).
    #[serde(default)]
    pub prompt_values_supported: Vec<String>,
    /// Whether every answer to an authorization request names the issuer (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
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
        to_json(&Document { metadata: self, kind: Kind::AuthorizationServer })
    }

    /// The document of OpenID Connect Discovery 1.0 §4.2.
    #[must_use]
    pub fn openid_json(&self) -> Vec<u8> {
        to_json(&Document { metadata: self, kind: Kind::OpenId })
    }
}

/// Which of the two documents.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    AuthorizationServer,
    OpenId,
}

struct Document<'a> {
    metadata: &'a Metadata,
    kind: Kind,
}

/// In Auth0's order, and then what Auth0 does not say. Order means nothing, so there is one for everybody.
impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { metadata, kind } = self;
        let openid = *kind == Kind::OpenId;
        let mut out = Members(serializer.serialize_map(None)?);
        out.required("issuer", &metadata.issuer)?;
        out.text("authorization_endpoint", &metadata.authorization_endpoint)?;
        out.text("token_endpoint", &metadata.token_endpoint)?;
        if openid {
            out.text("userinfo_endpoint", &metadata.userinfo_endpoint)?;
        }
        out.text("jwks_uri", &metadata.jwks_uri)?;
        out.text("revocation_endpoint", &metadata.revocation_endpoint)?;
        out.list("scopes_supported", &metadata.scopes_supported)?;
        out.required("response_types_supported", &metadata.response_types_supported)?;
        out.list("code_challenge_methods_supported", &metadata.code_challenge_methods_supported)?;
        out.list("response_modes_supported", &metadata.response_modes_supported)?;
        if openid {
            out.required("subject_types_supported", &metadata.subject_types_supported)?;
        }
        let methods = &metadata.token_endpoint_auth_methods_supported;
        out.required("token_endpoint_auth_methods_supported", methods)?;
        let algorithms = &metadata.token_endpoint_auth_signing_alg_values_supported;
        out.list("token_endpoint_auth_signing_alg_values_supported", algorithms)?;
        if openid {
            out.list("claims_supported", &metadata.claims_supported)?;
            // Absence would mean `true` (OIDC Discovery §3).
            out.required("request_uri_parameter_supported", &false)?;
            let algorithms = &metadata.id_token_signing_alg_values_supported;
            out.required("id_token_signing_alg_values_supported", algorithms)?;
            out.flag("backchannel_logout_supported", metadata.backchannel_logout_supported)?;
            out.flag("backchannel_logout_session_supported", metadata.backchannel_logout_session_supported)?;
        }
        out.text("end_session_endpoint", &metadata.end_session_endpoint)?;
        out.required("grant_types_supported", &metadata.grant_types_supported)?;
        out.more(metadata)?;
        if openid {
            out.list("prompt_values_supported", &metadata.prompt_values_supported)?;
        }
        out.0.end()
    }
}

/// A document in the making.
struct Members<M>(M);

impl<M: SerializeMap> Members<M> {
    fn required(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    fn text(&mut self, name: &'static str, value: &Option<String>) -> Result<(), M::Error> {
        value.as_ref().map_or(Ok(()), |value| self.required(name, value))
    }

    /// What is not so goes without saying.
    fn flag(&mut self, name: &'static str, value: bool) -> Result<(), M::Error> {
        if value { self.required(name, &true) } else { Ok(()) }
    }

    fn list(&mut self, name: &'static str, values: &Vec<String>) -> Result<(), M::Error> {
        if values.is_empty() { Ok(()) } else { self.required(name, values) }
    }

    /// What is said of revocation, introspection and authorization responses, and for people.
    fn more(&mut self, metadata: &Metadata) -> Result<(), M::Error> {
        let methods = &metadata.revocation_endpoint_auth_methods_supported;
        self.list("revocation_endpoint_auth_methods_supported", methods)?;
        let algorithms = &metadata.revocation_endpoint_auth_signing_alg_values_supported;
        self.list("revocation_endpoint_auth_signing_alg_values_supported", algorithms)?;
        self.text("introspection_endpoint", &metadata.introspection_endpoint)?;
        let methods = &metadata.introspection_endpoint_auth_methods_supported;
        self.list("introspection_endpoint_auth_methods_supported", methods)?;
        let algorithms = &metadata.introspection_endpoint_auth_signing_alg_values_supported;
        self.list("introspection_endpoint_auth_signing_alg_values_supported", algorithms)?;
        let iss = metadata.authorization_response_iss_parameter_supported;
        self.flag("authorization_response_iss_parameter_supported", iss)?;
        self.list("ui_locales_supported", &metadata.ui_locales_supported)?;
        self.text("service_documentation", &metadata.service_documentation)
    }
}

fn to_json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("strings, lists and a flag always serialise")
}
