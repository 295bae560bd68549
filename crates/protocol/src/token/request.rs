//! A token request: who asks (RFC 6749 §2.3), and for what (§4.4.2, RFC 8707 §2).

use crate::authorization::Authorization;
use crate::basic::Basic;
use crate::claims;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::target::ResourceIndicator;

/// The longest `client_id`, in bytes; no client has a longer one.
pub const MAX_CLIENT_ID: usize = 256;
/// The longest `company_id`, in bytes.
pub const MAX_COMPANY_ID: usize = claims::MAX_ID;

/// A well-formed token request. Whether anybody may have what it asks for is not known yet.
#[derive(Clone, Debug)]
pub struct Request {
    /// How the client authenticates.
    pub client: ClientAuthentication,
    /// What it presents, and asks for in return.
    pub grant: Grant,
}

impl Request {
    /// Reads the value of the `Authorization` header field, if there is one, and the parameters of the body.
    ///
    /// # Errors
    /// - `invalid_client` for an `Authorization` header that is malformed or of another scheme than Basic, for a
    ///   client assertion of another type than JWT, and for one beside a secret; with [`Error::challenge`] iff
    ///   the header was there;
    /// - `invalid_request` for two other ways of authentication at once, two different client_ids, or a missing
    ///   parameter;
    /// - `unsupported_grant_type`, `invalid_target`, `invalid_scope` for what their names say.
    pub fn parse(authorization: Option<&[u8]>, params: &Params) -> Result<Self, Error> {
        Ok(Self { client: ClientAuthentication::parse(authorization, params)?, grant: Grant::parse(params)? })
    }
}

/// `client_assertion_type` of a JWT (RFC 7523 §2.2).
pub const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client authenticates; what it says to prove it, if anything, is still to be checked.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    /// `private_key_jwt`: an assertion that the client signed (RFC 7523 §2.2).
    Assertion {
        /// Who the client says it is beside the assertion, which says it too (RFC 7521 §4.2).
        client_id: Option<String>,
        /// The JWT. A secret for as long as nobody has used it.
        assertion: Secret,
    },
    /// `client_secret_basic`: in the `Authorization` header.
    Basic(Basic),
    /// `none`: at most a name.
    None {
        /// Who the client says it is.
        client_id: Option<String>,
    },
    /// `client_secret_post`: in the body.
    Post {
        /// Who the client says it is.
        client_id: String,
        /// What it says to prove it.
        client_secret: Secret,
    },
}

impl ClientAuthentication {
    /// Reads client authentication at any endpoint that asks for it: token, revocation, introspection.
    ///
    /// # Errors
    /// As [`Request::parse`].
    pub fn parse(authorization: Option<&[u8]>, params: &Params) -> Result<Self, Error> {
        let client = match authorization {
            Some(header) => Self::from_header(header, params)?,
            None => Self::from_body(params)?,
        };
        // RFC 6749 appendix A.1. Kept out of look-ups and logs; no client has such an id.
        match client.client_id() {
            Some(id) if id.len() > MAX_CLIENT_ID || !id.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
                Err(client.refusal("Client authentication failed"))
            }
            _ => Ok(client),
        }
    }

    fn from_header(header: &[u8], params: &Params) -> Result<Self, Error> {
        let refusal = |text: &'static str| Error::new(ErrorCode::InvalidClient, text).with_challenge();
        let credentials = match Authorization::parse(header) {
            Ok(Authorization::Basic(credentials)) => credentials,
            Ok(_) => return Err(refusal("Clients authenticate with the Basic scheme or in the body")),
            Err(_) => return Err(refusal("The Authorization header is malformed")),
        };
        if has_assertion(params) {
            return Err(refusal(NOT_BOTH));
        }
        let basic = Basic::parse(credentials).map_err(|_| refusal("The Basic credentials are malformed"))?;
        if params.get("client_secret").is_some() {
            return Err(invalid("Authenticate in the Authorization header or in the body, not in both"));
        }
        if params.get("client_id").is_some_and(|client_id| client_id != basic.client_id) {
            return Err(invalid("The Authorization header and client_id name different clients"));
        }
        Ok(Self::Basic(basic))
    }

    fn from_body(params: &Params) -> Result<Self, Error> {
        let client_id = params.get("client_id").map(str::to_owned);
        let client_secret = params.secret("client_secret");
        if has_assertion(params) {
            return match client_secret {
                Some(_) => Err(Error::new(ErrorCode::InvalidClient, NOT_BOTH)),
                None => Ok(Self::Assertion { client_id, assertion: assertion(params)? }),
            };
        }
        match (client_id, client_secret) {
            (Some(client_id), Some(client_secret)) => Ok(Self::Post { client_id, client_secret }),
            (None, Some(_)) => Err(invalid("client_secret needs client_id").with_missing("client_id")),
            (client_id, None) => Ok(Self::None { client_id }),
        }
    }

    /// Who the client says it is, but for what an assertion says inside.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Assertion { client_id, .. } | Self::None { client_id } => client_id.as_deref(),
            Self::Basic(basic) => Some(&basic.client_id),
            Self::Post { client_id, .. } => Some(client_id),
        }
    }

    /// Whether the `Authorization` header was used, and a refusal therefore needs `WWW-Authenticate`.
    #[must_use]
    pub const fn used_header(&self) -> bool {
        matches!(self, Self::Basic(_))
    }

    /// The `invalid_client` that fits, with a challenge iff the header was used (RFC 6749 §5.2).
    #[must_use]
    pub fn refusal(&self, description: &'static str) -> Error {
        let error = Error::new(ErrorCode::InvalidClient, description);
        if self.used_header() { error.with_challenge() } else { error }
    }
}

const NOT_BOTH: &str = "Authenticate by an assertion or by a secret, not by both";

/// Refused rather than ignored: a client that sends one must not be judged by something weaker beside it.
fn has_assertion(params: &Params) -> bool {
    params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some()
}

/// RFC 7521 §4.2 has both parameters required; another type is a way of authentication that is not supported (RFC
/// 6749 §5.2).
fn assertion(params: &Params) -> Result<Secret, Error> {
    match (params.get("client_assertion_type"), params.secret("client_assertion")) {
        (Some(JWT_BEARER_ASSERTION), Some(assertion)) => Ok(assertion),
        (Some(JWT_BEARER_ASSERTION), None) => Err(invalid("client_assertion_type needs client_assertion")),
        (Some(_), _) => {
            Err(Error::new(ErrorCode::InvalidClient, "This client_assertion_type is not supported"))
        }
        (None, _) => Err(invalid("client_assertion needs client_assertion_type")),
    }
}

/// What the client presents, by `grant_type`.
#[derive(Clone, Debug)]
pub enum Grant {
    /// `authorization_code`: what a user let it have (RFC 6749 §4.1.3).
    AuthorizationCode(CodeGrant),
    /// `client_credentials`: nothing but itself (RFC 6749 §4.4).
    ClientCredentials(ClientCredentials),
    /// `refresh_token`: more of that (RFC 6749 §6).
    RefreshToken(RefreshGrant),
}

impl Grant {
    /// The `grant_type`.
    #[must_use]
    pub const fn grant_type(&self) -> &'static str {
        match self {
            Self::AuthorizationCode(_) => "authorization_code",
            Self::ClientCredentials(_) => "client_credentials",
            Self::RefreshToken(_) => "refresh_token",
        }
    }

    fn parse(params: &Params) -> Result<Self, Error> {
        match params.get("grant_type") {
            Some("authorization_code") => CodeGrant::parse(params).map(Self::AuthorizationCode),
            Some("refresh_token") => RefreshGrant::parse(params).map(Self::RefreshToken),
            Some("client_credentials") => ClientCredentials::parse(params).map(Self::ClientCredentials),
            Some(_) => Err(Error::new(ErrorCode::UnsupportedGrantType, "This grant_type is not supported")),
            None => Err(invalid("The parameter grant_type is missing").with_missing("grant_type")),
        }
    }
}

/// A request to redeem an authorization code.
#[derive(Clone, Debug)]
pub struct CodeGrant {
    /// The code, whatever it is.
    pub code: Secret,
    /// Where it was sent.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636 §4.5).
    pub code_verifier: Option<Secret>,
    /// The API that the token is for; it can be no other than the code's (RFC 8707 §2.2).
    pub target: Option<String>,
}

impl CodeGrant {
    fn parse(params: &Params) -> Result<Self, Error> {
        Ok(Self {
            code: required(params, "code")?,
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            code_verifier: code_verifier(params)?,
            target: target(params)?,
        })
    }
}

/// A request to refresh an access token.
#[derive(Clone, Debug)]
pub struct RefreshGrant {
    /// The refresh token, whatever it is.
    pub refresh_token: Secret,
    /// The scope asked for; `None` is all that was granted.
    pub scope: Option<Scope>,
    /// The API that the token is for; it can be no other than what was granted (RFC 8707 §2.2).
    pub target: Option<String>,
}

impl RefreshGrant {
    fn parse(params: &Params) -> Result<Self, Error> {
        let refresh_token = required(params, "refresh_token")?;
        Ok(Self { refresh_token, scope: scope(params)?, target: target(params)? })
    }
}

fn required(params: &Params, name: &'static str) -> Result<Secret, Error> {
    let missing = match name {
        "code" => "The parameter code is missing",
        _ => "The parameter refresh_token is missing",
    };
    params.secret(name).ok_or_else(|| invalid(missing).with_missing(name))
}

/// The grammar of RFC 7636 §4.1: a shorter one could be guessed, whatever its challenge was (PK-07).
fn code_verifier(params: &Params) -> Result<Option<Secret>, Error> {
    let Some(verifier) = params.secret("code_verifier") else { return Ok(None) };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let text = verifier.expose();
    if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
        Ok(Some(verifier))
    } else {
        Err(invalid("The code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~"))
    }
}

/// A request for a client's own token.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ClientCredentials {
    /// The API that the token is for, from `audience` or `resource`.
    pub target: Option<String>,
    /// The scope asked for; `None` is everything that the client may have.
    pub scope: Option<Scope>,
    /// The company to narrow the token to.
    pub company_id: Option<String>,
}

impl ClientCredentials {
    fn parse(params: &Params) -> Result<Self, Error> {
        Ok(Self { target: target(params)?, scope: scope(params)?, company_id: company_id(params)? })
    }
}

/// `audience` is compared as it is, as Auth0 does; `resource` must have RFC 8707's form as well.
pub(crate) fn target(params: &Params) -> Result<Option<String>, Error> {
    let refusal = |text| Error::new(ErrorCode::InvalidTarget, text);
    let (audience, resource) = (params.get("audience"), params.get("resource"));
    if let (Some(audience), Some(resource)) = (audience, resource)
        && audience != resource
    {
        return Err(refusal("The parameters audience and resource name different APIs"));
    }
    if let Some(resource) = resource {
        ResourceIndicator::parse(resource)
            .map_err(|_| refusal("The parameter resource must be an absolute URI without a fragment"))?;
    }
    Ok(audience.or(resource).map(str::to_owned))
}

fn scope(params: &Params) -> Result<Option<Scope>, Error> {
    let scope = params.get("scope").map(Scope::parse).transpose();
    scope.map_err(|_| Error::new(ErrorCode::InvalidScope, "The parameter scope is malformed"))
}

fn company_id(params: &Params) -> Result<Option<String>, Error> {
    match params.get("company_id") {
        Some(id) if id.len() > MAX_COMPANY_ID => Err(Error::new(
            ErrorCode::InvalidTarget,
            "The parameter company_id names no company of this client",
        )),
        id => Ok(id.map(str::to_owned)),
    }
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}
