//! The error codes of OAuth and OpenID Connect, with status and source, and the error that carries one.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Where an error code is defined: also the text of [`ErrorCode::reference`].
mod rfc {
    pub(super) const AUTHORIZE: &str = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1";
    pub(super) const BEARER: &str = "https://www.rfc-editor.org/rfc/rfc6750#section-3.1";
    pub(super) const OIDC: &str = "https://openid.net/specs/openid-connect-core-1_0.html#AuthError";
    pub(super) const RESOURCE: &str = "https://www.rfc-editor.org/rfc/rfc8707#section-2";
    pub(super) const REVOKE: &str = "https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1";
    pub(super) const STEP_UP: &str = "https://www.rfc-editor.org/rfc/rfc9470#section-3";
    pub(super) const TOKEN: &str = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2";
}

/// Gives the enum, and what is known of each code, from one table: code, status and link to what defines it.
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = ($word:literal, $status:literal, $reference:expr)),+ $(,)?) => {
        /// What went wrong, in the standards' words.
        ///
        /// OpenID Connect RP-Initiated Logout, RFC 7662 and RFC 8414 define none of their own.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[doc = $doc])+ $variant),+ }

        impl ErrorCode {
            /// Every code.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// What it means, as its documentation has it: Markdown, with a link to what defines it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),+ }
            }

            const fn entry(self) -> (&'static str, u16, &'static str) {
                match self { $(Self::$variant => ($word, $status, $reference)),+ }
            }
        }
    };
}

error_codes! {
    /// The resource owner or the authorization server denied the request.
    /// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
    AccessDenied = ("access_denied", 400, rfc::AUTHORIZE),
    /// `prompt=none`, but the end-user would have to select an account.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    AccountSelectionRequired = ("account_selection_required", 400, rfc::OIDC),
    /// `prompt=none`, but the end-user would have to consent.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    ConsentRequired = ("consent_required", 400, rfc::OIDC),
    /// The access token's scope does not suffice for this route.
    /// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
    InsufficientScope = ("insufficient_scope", 403, rfc::BEARER),
    /// The token was got by an authentication too old or too weak for this route.
    /// [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)
    InsufficientUserAuthentication = ("insufficient_user_authentication", 401, rfc::STEP_UP),
    /// `prompt=none`, but some interaction with the end-user is due.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    InteractionRequired = ("interaction_required", 400, rfc::OIDC),
    /// Unknown client, no client authentication, or a method that is wrong or not supported.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    InvalidClient = ("invalid_client", 401, rfc::TOKEN),
    /// The code or refresh token is invalid, expired, revoked, spent, or another client's.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    InvalidGrant = ("invalid_grant", 400, rfc::TOKEN),
    /// A parameter is missing, malformed, repeated, or contradicts another.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    InvalidRequest = ("invalid_request", 400, rfc::TOKEN),
    /// The `request` parameter holds an invalid request object.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    InvalidRequestObject = ("invalid_request_object", 400, rfc::OIDC),
    /// The `request_uri` answers with an error or with invalid data.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    InvalidRequestUri = ("invalid_request_uri", 400, rfc::OIDC),
    /// The requested scope is unknown, malformed, or exceeds what may be granted.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    InvalidScope = ("invalid_scope", 400, rfc::TOKEN),
    /// The requested resource is missing, malformed, unknown, or not granted: all answered alike.
    /// [RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)
    InvalidTarget = ("invalid_target", 400, rfc::RESOURCE),
    /// The access token is expired, revoked, malformed, or otherwise invalid.
    /// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
    InvalidToken = ("invalid_token", 401, rfc::BEARER),
    /// `prompt=none`, but the end-user is not signed in.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    LoginRequired = ("login_required", 400, rfc::OIDC),
    /// The `registration` parameter is not supported.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    RegistrationNotSupported = ("registration_not_supported", 400, rfc::OIDC),
    /// The `request` parameter is not supported.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    RequestNotSupported = ("request_not_supported", 400, rfc::OIDC),
    /// The `request_uri` parameter is not supported.
    /// [OIDC Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
    RequestUriNotSupported = ("request_uri_not_supported", 400, rfc::OIDC),
    /// Something unexpected on our side; the request may be right.
    /// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
    ServerError = ("server_error", 500, rfc::AUTHORIZE),
    /// Overloaded, limited or in maintenance: try again later. Status 503, or 429 where a limit was hit.
    /// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
    TemporarilyUnavailable = ("temporarily_unavailable", 503, rfc::AUTHORIZE),
    /// The client is known but may not use this grant or response type.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    UnauthorizedClient = ("unauthorized_client", 400, rfc::TOKEN),
    /// The authorization server does not have this grant type.
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
    UnsupportedGrantType = ("unsupported_grant_type", 400, rfc::TOKEN),
    /// The authorization server does not have this response type.
    /// [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
    UnsupportedResponseType = ("unsupported_response_type", 400, rfc::AUTHORIZE),
    /// The authorization server cannot revoke this kind of token.
    /// [RFC 7009 §2.2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1)
    UnsupportedTokenType = ("unsupported_token_type", 400, rfc::REVOKE),
}

impl ErrorCode {
    /// The code as the wire has it, e.g. `invalid_client`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// The HTTP status of an answer that carries it directly. A redirect that carries it has its own.
    ///
    /// The one exception is the caller's to make: [`Self::TemporarilyUnavailable`] is 429 where a limit was
    /// hit; likewise `invalid_request` where HTTP has a finer word (405, 413).
    #[must_use]
    pub const fn status(self) -> u16 {
        self.entry().1
    }

    /// A link to the section that defines it.
    #[must_use]
    pub const fn reference(self) -> &'static str {
        self.entry().2
    }

    /// The code that the wire calls `text`, if it is one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A refusal as the outside may see it: a code, and one sentence for the developer at the other end.
///
/// What only the operator may know belongs in the log under the same request id, never in here. Serialises as
/// RFC 6749 §5.2 has it: `{"error":"…","error_description":"…"}`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {description}")]
#[non_exhaustive]
pub struct Error {
    /// What went wrong.
    pub code: ErrorCode,
    /// The sentence. [`Error::new`] keeps it in the characters that RFC 6749 §5.2 allows.
    pub description: Cow<'static, str>,
    /// Whether the answer must carry `WWW-Authenticate`: true iff the client tried to authenticate with the
    /// `Authorization` header and failed (RFC 6749 §5.2). Never true for another code than `invalid_client`.
    pub challenge: bool,
    /// The one parameter whose absence is the mistake, if that is all there is to it.
    pub missing: Option<&'static str>,
}

impl Error {
    /// An error without a challenge.
    ///
    /// Characters that RFC 6749 §5.2 does not allow in a description (controls, non-ASCII, `"` and `\`) are
    /// replaced, so that whatever was quoted from a request cannot break out of a header or a log line.
    #[must_use]
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let mut description = description.into();
        if !is_description(&description) {
            description = Cow::Owned(description.chars().map(tame).collect());
        }
        Self { code, description, challenge: false, missing: None }
    }

    /// The same error, which is that this parameter is missing.
    #[must_use]
    pub fn with_missing(self, parameter: &'static str) -> Self {
        Self { missing: Some(parameter), ..self }
    }

    /// The same error for a client that used the `Authorization` header.
    #[must_use]
    pub fn with_challenge(self) -> Self {
        Self { challenge: true, ..self }
    }

    /// The body of RFC 6749 §5.2.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("two strings always serialise")
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_struct("Error", 2)?;
        body.serialize_field("error", &self.code)?;
        body.serialize_field("error_description", &self.description)?;
        body.end()
    }
}

/// Whether `text` has only the characters of `error_description` (RFC 6749 §5.2): `%x20-21 / %x23-5B /
/// %x5D-7E`.
pub(crate) fn is_description(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

fn tame(c: char) -> char {
    match c {
        '"' => '\'',
        ' '..='~' if c != '\\' => c,
        _ => '?',
    }
}
