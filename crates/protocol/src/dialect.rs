//! The shapes of access tokens: all that RFC 9068 and Auth0 say differently, in one table.

use std::fmt;

use serde_json::{Map, Value};

/// `gty` of a token that a client got for itself: the word that Auth0 emits.
pub const GTY_CLIENT_CREDENTIALS: &str = "client-credentials";

/// The shape of an API's access tokens.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Dialect {
    /// Auth0's: `typ: JWT`, no `client_id`, and `sub` of a client's own token is `<client_id>@clients`.
    Auth0,
    /// RFC 9068: `typ: at+jwt`.
    Rfc,
}

/// A word that names no dialect.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("\"{0}\" is no dialect; it is one of auth0, rfc")]
pub struct UnknownDialect(pub String);

/// What a dialect says in its own way. Whoever writes or reads a token goes by this, so that nobody need ask which
/// dialect it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Form {
    /// The fixed word for it.
    pub word: &'static str,
    /// What follows the host in the issuer of a server that has no path.
    pub issuer_end: &'static str,
    /// `typ` in the header.
    pub typ: &'static str,
    /// What follows the client's id in `sub` of its own tokens.
    pub subject_suffix: &'static str,
    /// The claim that names the client.
    pub client_claim: &'static str,
    /// Whether each of its tokens has a `jti`, whoever issued it. Tokenry's do in every dialect.
    pub has_token_id: bool,
    /// The claims of a client's own token, in their order.
    pub claims: &'static [Claim],
    /// The claims of a token that a user let a client have, in their order.
    pub user_claims: &'static [Claim],
    /// The members of the token endpoint's answer, in their order.
    pub members: &'static [Member],
}

/// A claim of an access token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// `aud`.
    Audience,
    /// `auth_time`.
    AuthTime,
    /// `azp`.
    AuthorizedParty,
    /// `client_id`.
    ClientId,
    /// `exp`.
    ExpiresAt,
    /// `gty`.
    GrantType,
    /// `iat`.
    IssuedAt,
    /// `iss`.
    Issuer,
    /// What stands under the issuer's namespace: the tenant, and the client's own claims.
    Own,
    /// `scope`.
    Scope,
    /// `sid`.
    SessionId,
    /// `sub`.
    Subject,
    /// `jti`.
    TokenId,
}

/// A member of a successful answer of the token endpoint (RFC 6749 §5.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Member {
    /// `access_token`.
    AccessToken,
    /// `expires_in`.
    ExpiresIn,
    /// `id_token`.
    IdToken,
    /// `refresh_token`.
    RefreshToken,
    /// `scope`.
    Scope,
    /// `token_type`.
    TokenType,
}

const AUTH0: Form = Form {
    word: "auth0",
    issuer_end: "/",
    typ: "JWT",
    subject_suffix: "@clients",
    client_claim: "azp",
    has_token_id: false,
    claims: &[
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::IssuedAt,
        Claim::ExpiresAt,
        Claim::Scope,
        Claim::GrantType,
        Claim::AuthorizedParty,
        Claim::TokenId,
        Claim::Own,
    ],
    user_claims: &[
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::IssuedAt,
        Claim::ExpiresAt,
        Claim::Scope,
        Claim::AuthorizedParty,
        Claim::TokenId,
        Claim::AuthTime,
        Claim::SessionId,
        Claim::Own,
    ],
    members: &[
        Member::AccessToken,
        Member::RefreshToken,
        Member::IdToken,
        Member::Scope,
        Member::ExpiresIn,
        Member::TokenType,
    ],
};

const RFC: Form = Form {
    word: "rfc",
    issuer_end: "",
    typ: "at+jwt",
    subject_suffix: "",
    client_claim: "client_id",
    has_token_id: true,
    claims: &[
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::IssuedAt,
        Claim::ExpiresAt,
        Claim::TokenId,
        Claim::ClientId,
        Claim::AuthorizedParty,
        Claim::GrantType,
        Claim::Scope,
        Claim::Own,
    ],
    user_claims: &[
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::IssuedAt,
        Claim::ExpiresAt,
        Claim::TokenId,
        Claim::ClientId,
        Claim::AuthorizedParty,
        Claim::AuthTime,
        Claim::SessionId,
        Claim::Scope,
        Claim::Own,
    ],
    members: &[
        Member::AccessToken,
        Member::TokenType,
        Member::ExpiresIn,
        Member::RefreshToken,
        Member::Scope,
        Member::IdToken,
    ],
};

impl Dialect {
    /// Every dialect, in order.
    pub const ALL: [Self; 2] = [Self::Auth0, Self::Rfc];
    /// Every `typ` that an access token of ours can have.
    pub const TYPS: [&'static str; 2] = [AUTH0.typ, RFC.typ];

    /// What it says in its own way.
    #[must_use]
    pub const fn form(self) -> &'static Form {
        match self {
            Self::Auth0 => &AUTH0,
            Self::Rfc => &RFC,
        }
    }

    /// The fixed word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.form().word
    }

    /// The `typ`s that an API of this dialect takes: what RFC 9068 says is never ambiguous, and its own.
    #[must_use]
    pub const fn typs_taken(self) -> [&'static str; 2] {
        [RFC.typ, self.form().typ]
    }

    /// Reads the fixed word.
    ///
    /// # Errors
    /// When `word` names none.
    pub fn parse(word: &str) -> Result<Self, UnknownDialect> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == word)
            .ok_or_else(|| UnknownDialect(word.to_owned()))
    }

    /// The dialect whose tokens have this `typ`. Media types have no case, and `application/` may be left out (RFC
    /// 7515 §4.1.9).
    #[must_use]
    pub fn of_typ(typ: &str) -> Option<Self> {
        const PREFIX: &str = "application/";
        let short = match typ.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
            _ => typ,
        };
        Self::ALL.into_iter().find(|dialect| dialect.form().typ.eq_ignore_ascii_case(short))
    }

    /// `sub` of a client's own token.
    #[must_use]
    pub fn subject(self, client_id: &str) -> String {
        format!("{client_id}{}", self.form().subject_suffix)
    }

    /// Why these claims are not those of an access token, though the header's `typ` would allow them; `None` if
    /// they are.
    ///
    /// `at+jwt` says by itself that this is an access token. `JWT` says nothing: an ID token, a logout token or whatever
    /// else an issuer signs can have it. Of those only a client's own token says `gty`, and names the client in
    /// `sub` as nothing else does; only a token that a user let a client have says a scope and is for others than the
    /// client, whose name it has; so no other is taken for either.
    #[must_use]
    pub fn confused(self, claims: &Map<String, Value>) -> Option<&'static str> {
        let form = self.form();
        if form.subject_suffix.is_empty() {
            return None;
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let client = text(form.client_claim);
        if !claims.contains_key("gty") {
            return confused_user(claims, client, text("sub"), form);
        }
        if text("gty") != GTY_CLIENT_CREDENTIALS {
            return Some(
                "typ is JWT, and gty is not client-credentials: this is no access token of a client",
            );
        }
        if text("sub").strip_suffix(form.subject_suffix) != Some(client) {
            return Some("typ is JWT, and sub is not azp with @clients behind it");
        }
        if claims.get("client_id").is_some_and(|id| id != client) {
            return Some("azp and client_id name different clients");
        }
        None
    }
}

/// Why a token of the typ `JWT` without `gty` is no access token that a user let `client` have.
fn confused_user(
    claims: &Map<String, Value>,
    client: &str,
    subject: &str,
    form: &Form,
) -> Option<&'static str> {
    const OF_OTHERS: [&str; 5] = ["at_hash", "c_hash", "events", "nonce", "s_hash"];
    let audience = claims.get("aud").unwrap_or(&Value::Null);
    let for_client =
        audience == client || audience.as_array().is_some_and(|all| all.iter().any(|it| it == client));
    if client.is_empty() || for_client || OF_OTHERS.iter().any(|name| claims.contains_key(*name)) {
        return Some("typ is JWT, and without gty this is an ID token or another that is no access token");
    }
    if !claims.get("scope").is_some_and(Value::is_string) {
        return Some("typ is JWT, and there is neither gty nor scope: this is no access token");
    }
    let is_client = subject == client || subject.strip_suffix(form.subject_suffix).is_some();
    (subject.is_empty() || is_client).then_some("typ is JWT, and sub is a client's although there is no gty")
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dialect_is_found_by_its_word_and_by_the_typ_of_its_tokens() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::parse(dialect.as_str()), Ok(dialect));
            assert_eq!(Dialect::of_typ(dialect.form().typ), Some(dialect));
            assert_eq!(Dialect::of_typ(&format!("APPLICATION/{}", dialect.form().typ)), Some(dialect));
        }
        for word in ["", "Rfc", "AUTH0", "okta"] {
            assert_eq!(Dialect::parse(word), Err(UnknownDialect(word.to_owned())));
        }
        for typ in ["", "application/", "logout+jwt", "JWE", "at+jwt ", "applicationx/JWT"] {
            assert_eq!(Dialect::of_typ(typ), None, "{typ}");
        }
    }

    #[test]
    fn jwt_14_what_else_has_the_typ_jwt_is_no_access_token() {
        let token = json!({"sub": "c@clients", "azp": "c", "gty": "client-credentials"});
        let with = |name: &str, value: Value| {
            let mut claims = token.as_object().unwrap().clone();
            claims.insert(name.to_owned(), value);
            claims
        };
        assert_eq!(Dialect::Auth0.confused(token.as_object().unwrap()), None);
        assert_eq!(Dialect::Auth0.confused(&with("client_id", json!("c"))), None);
        let user = json!({
            "sub": "usr_ann", "azp": "c", "aud": ["https://api", "https://id/userinfo"], "scope": "openid a",
        });
        assert_eq!(Dialect::Auth0.confused(user.as_object().unwrap()), None);
        for (name, value) in [
            ("aud", json!("c")),
            ("aud", json!(["https://api", "c"])),
            ("azp", Value::Null),
            ("nonce", json!("n")),
            ("at_hash", json!("h")),
            ("events", json!({})),
            ("scope", Value::Null),
            ("sub", json!("c")),
            ("sub", json!("c@clients")),
            ("sub", Value::Null),
        ] {
            let mut claims = user.as_object().unwrap().clone();
            claims.insert(name.to_owned(), value.clone());
            assert!(Dialect::Auth0.confused(&claims).is_some(), "{name} {value}");
        }
        for (name, value) in [
            ("gty", Value::Null),
            ("gty", json!("password")),
            ("gty", json!(["client-credentials"])),
            ("sub", json!("c")),
            ("sub", json!("@clients")),
            ("sub", json!("d@clients")),
            ("sub", json!("c@clients@clients")),
            ("azp", json!("d")),
            ("azp", Value::Null),
            ("client_id", json!("d")),
            ("client_id", Value::Null),
        ] {
            assert!(Dialect::Auth0.confused(&with(name, value.clone())).is_some(), "{name} {value}");
        }
    }
}
