//! Token introspection (RFC 7662): who asks about which token, and what is said of it.

use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::authorization::Authorization;
use crate::claims::Namespace;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::revocation;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::token::ClientAuthentication;

/// The longest `client_address` that is heard, in bytes: that of an IPv6 address with a zone.
pub const MAX_CLIENT_ADDRESS: usize = 64;
/// What is kept of a longer `client_user_agent`, in characters.
pub const MAX_CLIENT_USER_AGENT: usize = 200;
/// A field of the answer 429 to an API's question, `credential` where it is what was asked about that is limited, for the
/// address from which it was shown. Without it, it is who asks.
pub const LIMITED: &str = "tokenry-limited";
/// The value of [`LIMITED`].
pub const LIMITED_CREDENTIAL: &str = "credential";
/// What clients say of themselves in the body.
const OF_CLIENTS: [&str; 4] = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// A request to say what a token is (RFC 7662 §2.1). `token_type_hint` only tells where to look first, and every
/// place is looked at anyway, so it is not read.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub caller: Asker,
    /// What it asks about, whatever that is.
    pub token: Secret,
    /// Who uses it, as an API says. A client is not believed.
    pub used_by: UsedBy,
}

/// Who asks about a token, and proves to be that by what is still to be checked.
#[derive(Clone, Debug)]
pub enum Asker {
    /// A developer, by the secret of their account (`Authorization: Secret …`).
    Account(Secret),
    /// A client or an API.
    Client(ClientAuthentication),
}

impl Asker {
    fn parse(authorization: Option<&[u8]>, params: &Params) -> Result<Self, Error> {
        let Some(Ok(Authorization::Secret(secret))) = authorization.map(Authorization::parse) else {
            return ClientAuthentication::parse(authorization, params).map(Self::Client);
        };
        if OF_CLIENTS.into_iter().any(|name| params.get(name).is_some()) {
            let text = "Authenticate by an account secret or as a client, not as both";
            return Err(Error::new(ErrorCode::InvalidRequest, text));
        }
        Ok(Self::Account(Secret::new(secret.to_owned())))
    }
}

/// Who uses a credential at an API: for what its owner is told of its last use, and to count refused ones by, in place of the
/// API's own address. Parameters of ours.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UsedBy {
    /// `client_address`: from where; what is no address of a sensible length is left out.
    pub address: Option<String>,
    /// `client_user_agent`: with what, the first characters of it.
    pub user_agent: Option<String>,
}

impl UsedBy {
    /// Reads the parameters. Nothing about them is an error: they say nothing that matters.
    fn parse(params: &Params) -> Self {
        let address = params.get("client_address").filter(|address| address.len() <= MAX_CLIENT_ADDRESS);
        let user_agent = params.get("client_user_agent");
        Self {
            address: address.map(ToOwned::to_owned),
            user_agent: user_agent.map(|name| name.chars().take(MAX_CLIENT_USER_AGENT).collect()),
        }
    }
}

/// What a user acts by where no client acts for them. A member of ours.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// The secret of a developer's account (`Authorization: Secret …`).
    AccountSecret,
    /// A personal access token.
    PersonalAccessToken,
    /// The cookie for APIs.
    Session,
}

impl Request {
    /// Reads the value of the `Authorization` header field, if there is one, and the parameters of the body.
    ///
    /// # Errors
    /// As [`ClientAuthentication::parse`], and `invalid_request` without a token, or where an account secret is not alone.
    pub fn parse(authorization: Option<&[u8]>, params: &Params) -> Result<Self, Error> {
        let caller = Asker::parse(authorization, params)?;
        Ok(Self { caller, token: revocation::token(params)?, used_by: UsedBy::parse(params) })
    }
}

/// What is said of a token (RFC 7662 §2.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Response {
    /// It opens what it says, now.
    Active(Box<Active>),
    /// It does not, or the asker has no business with it: one answer for every reason, without another word.
    Inactive,
}

/// An active access or refresh token, or a user's own credential. `exp` and `iat` are seconds since the Unix epoch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Active {
    /// Who issued it.
    pub iss: String,
    /// For whom it acts.
    pub sub: String,
    /// For which API or APIs it is; a refresh token is for none.
    pub aud: Vec<String>,
    /// The client that it was issued to; `None`: it is the user's own credential.
    pub client_id: Option<String>,
    /// Which; `None`: a client's token.
    pub credential: Option<Credential>,
    /// The networks in CIDR notation from which alone it may be used; empty: from everywhere. Whoever lets it in holds the
    /// address that it comes from against them.
    pub allowed_addresses: Vec<String>,
    /// What it allows; left out of the answer where it is empty, for which RFC 6749 §3.3 has no spelling.
    pub scope: Scope,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// Names it; a refresh token has no name.
    pub jti: Option<String>,
    /// When the user who let the client have it proved to be who they are, and the session in which.
    pub session: Option<(i64, String)>,
    /// The issuer's own claims, the tenant among them, under their namespace.
    pub own: Option<(Namespace, Value)>,
}

impl Response {
    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers always serialise")
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        let Self::Active(token) = self else {
            body.serialize_entry("active", &false)?;
            return body.end();
        };
        body.serialize_entry("active", &true)?;
        // RFC 7662 §2.2: as in RFC 6749 §5.1, which types access tokens alone. An account secret is under its own scheme, or none.
        if token.jti.is_some() {
            let of_account = token.credential == Some(Credential::AccountSecret);
            body.serialize_entry("token_type", if of_account { "Secret" } else { "Bearer" })?;
        }
        body.serialize_entry("iss", &token.iss)?;
        body.serialize_entry("sub", &token.sub)?;
        match token.aud.as_slice() {
            [] => {}
            [one] => body.serialize_entry("aud", one)?,
            many => body.serialize_entry("aud", many)?,
        }
        if let Some(client_id) = &token.client_id {
            body.serialize_entry("client_id", client_id)?;
        }
        if let Some(credential) = token.credential {
            body.serialize_entry("credential", &credential)?;
        }
        if !token.allowed_addresses.is_empty() {
            body.serialize_entry("allowed_addresses", &token.allowed_addresses)?;
        }
        if !token.scope.is_empty() {
            body.serialize_entry("scope", &token.scope)?;
        }
        body.serialize_entry("iat", &token.iat)?;
        body.serialize_entry("exp", &token.exp)?;
        if let Some(jti) = &token.jti {
            body.serialize_entry("jti", jti)?;
        }
        if let Some((auth_time, sid)) = &token.session {
            body.serialize_entry("auth_time", auth_time)?;
            body.serialize_entry("sid", sid)?;
        }
        if let Some((namespace, claims)) = &token.own {
            body.serialize_entry(namespace.as_str(), claims)?;
        }
        body.end()
    }
}
