//! The one place that knows webauthn-rs: what browsers are asked, and what their answers prove (W3C Web Authentication Level 3,
//! §7). Pure but for the challenge, which the library takes from the operating system's randomness.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;
use tokenry_jose::{base64url, sha256};
use tokenry_model::{User, UserId};
use tokenry_store::PasskeyRow;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};

/// The longest answer that is read, in bytes. Authenticators that say who made them send certificates along.
const MAX_ANSWER: usize = 16 * 1_024;
/// What is kept of an authenticator, in bytes at the most.
const MAX_CREDENTIAL: usize = 16 * 1_024;
/// The longest name that an authenticator may give a key, in bytes (§5.1.3 step 22).
const MAX_CREDENTIAL_ID: usize = 1_023;

/// What an answer to a sign-in is held against.
pub(crate) type Ceremony = DiscoverableAuthentication;

/// Us, as authenticators know us: by the issuer's host. Their keys are for that alone.
#[derive(Debug)]
pub(crate) struct RelyingParty(Webauthn);

/// An answer proves nothing.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unproven {
    /// Another copy of the key has signed meanwhile.
    #[error("the authenticator has signed less often than it had before")]
    Counter,
    /// It is not what a browser says, or is too long.
    #[error("the answer is malformed")]
    Malformed,
    /// It was made for another site, or within one.
    #[error("the answer was made for another site")]
    Origin,
    /// What is kept of the passkey cannot be read.
    #[error("the passkey is kept in a form that this release cannot read")]
    Unreadable,
    /// Nobody has shown to the authenticator that it is theirs.
    #[error("the authenticator has not verified its user")]
    Unverified,
    /// It is signed by another key, or answers another challenge.
    #[error("the answer does not prove the key")]
    Wrong,
}

impl Unproven {
    /// The stable word for audit trail, log and metrics.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Counter => "passkey_counter_too_low",
            Self::Malformed => "passkey_malformed",
            Self::Origin => "passkey_of_another_site",
            Self::Unreadable => "passkey_unreadable",
            Self::Unverified => "passkey_user_not_verified",
            Self::Wrong => "wrong_passkey",
        }
    }
}

impl From<WebauthnError> for Unproven {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::CredentialPossibleCompromise => Self::Counter,
            WebauthnError::InvalidRPOrigin
            | WebauthnError::InvalidRPIDHash
            | WebauthnError::CredentialCrossOrigin => Self::Origin,
            WebauthnError::UserNotPresent | WebauthnError::UserNotVerified => Self::Unverified,
            WebauthnError::ParseCBORFailure(_)
            | WebauthnError::ParseJSONFailure(_)
            | WebauthnError::ParseNOMFailure
            | WebauthnError::ParseInsufficientBytesAvailable => Self::Malformed,
            _ => Self::Wrong,
        }
    }
}

/// A key that an authenticator has made.
pub(crate) struct NewKey {
    pub(crate) credential_id: Vec<u8>,
    /// As the store keeps it.
    pub(crate) credential: String,
}

/// What a browser says when somebody has used a passkey; nothing of it is proven.
pub(crate) struct Answer(PublicKeyCredential);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}

impl Answer {
    /// Reads it (§5.1, `toJSON()`).
    pub(crate) fn parse(text: &str) -> Result<Self, Unproven> {
        let answer: PublicKeyCredential = parse(text)?;
        must_be_of_the_page_itself(&answer.response.client_data_json)?;
        Ok(Self(answer))
    }

    /// Which key it claims to be of.
    pub(crate) fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whose passkey it claims to be. Authenticators say so where they were not told whose is asked for.
    pub(crate) fn user_handle(&self) -> Option<&[u8]> {
        self.0.get_user_unique_id()
    }
}

impl RelyingParty {
    /// `None` where there are no passkeys: browsers make none for addresses, and none without TLS but for themselves.
    pub(crate) fn of(issuer: &str) -> Option<Self> {
        let issuer = Url::parse(issuer).ok()?;
        let host = issuer.domain()?;
        let is_loopback = host == "localhost" || host.ends_with(".localhost");
        if issuer.scheme() != "https" && !is_loopback {
            return None;
        }
        let builder = WebauthnBuilder::new(host, &issuer).ok()?;
        builder.rp_name(host).build().ok().map(Self)
    }

    /// What a browser is asked so that an authenticator makes a key for `user` (§5.4), and what its answer is held against.
    pub(crate) fn propose(
        &self,
        user: &User,
        own: &[PasskeyRow],
    ) -> Result<(String, PasskeyRegistration), Unproven> {
        let handle = Uuid::from_bytes(user_handle(&user.id));
        let shown = user.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&user.username);
        let (asked, state) = self.0.start_passkey_registration(handle, &user.username, shown, None)?;
        let mut options = public_key(&asked);
        // The library would have keys that nobody finds without a username.
        options.insert(
            "authenticatorSelection".to_owned(),
            json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" }),
        );
        options.insert("excludeCredentials".to_owned(), named(own));
        Ok((Value::Object(options).to_string(), state))
    }

    /// The key that an authenticator made when it was asked.
    pub(crate) fn admit(&self, answer: &str, state: &PasskeyRegistration) -> Result<NewKey, Unproven> {
        let answer: RegisterPublicKeyCredential = parse(answer)?;
        let key = self.0.finish_passkey_registration(&answer, state)?;
        let credential_id = key.cred_id().to_vec();
        let credential = stored(&key)?;
        if credential_id.is_empty()
            || credential_id.len() > MAX_CREDENTIAL_ID
            || credential.len() > MAX_CREDENTIAL
        {
            return Err(Unproven::Malformed);
        }
        Ok(NewKey { credential_id, credential })
    }

    /// What a browser is asked so that somebody signs in by a passkey (§5.5): one of `own`, or any where those are none.
    pub(crate) fn ask(&self, own: &[PasskeyRow]) -> Result<(String, Ceremony), Unproven> {
        let (asked, state) = self.0.start_discoverable_authentication()?;
        let mut options = public_key(&asked);
        options.remove("extensions");
        options.insert("allowCredentials".to_owned(), named(own));
        Ok((Value::Object(options).to_string(), state))
    }

    /// The passkey as it is after it was used, if the answer proves that.
    pub(crate) fn check(
        &self,
        answer: &Answer,
        state: Ceremony,
        credential: &str,
    ) -> Result<String, Unproven> {
        let mut key: Passkey = serde_json::from_str(credential).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a passkey cannot be read");
            Unproven::Unreadable
        })?;
        let discovered = DiscoverableKey::from(&key);
        let used = self.0.finish_discoverable_authentication_v2(&answer.0, state, &discovered)?;
        // Not left to the policy of the library.
        if !used.user_verified() {
            return Err(Unproven::Unverified);
        }
        key.update_credential(&used);
        stored(&key)
    }
}

/// How authenticators know a user: no name, no address, nothing that another server knows them by (§14.6.1).
pub(crate) fn user_handle(user: &UserId) -> [u8; 16] {
    let digest = sha256(format!("tokenry/passkey-user/1\0{user}").as_bytes());
    *digest.first_chunk().expect("a digest has 32 bytes")
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Unproven> {
    if text.len() > MAX_ANSWER {
        return Err(Unproven::Malformed);
    }
    serde_json::from_str(text).map_err(|_error| Unproven::Malformed)
}

/// What a page within another site's made somebody sign is not for us (§7.2, `crossOrigin`). The library looks at that for
/// new keys alone.
fn must_be_of_the_page_itself(client_data: &[u8]) -> Result<(), Unproven> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ClientData {
        #[serde(default)]
        cross_origin: Option<bool>,
        #[serde(default)]
        top_origin: Option<String>,
    }
    let data: ClientData = serde_json::from_slice(client_data).map_err(|_error| Unproven::Malformed)?;
    match data {
        ClientData { cross_origin: None | Some(false), top_origin: None } => Ok(()),
        ClientData { .. } => Err(Unproven::Origin),
    }
}

/// The options within what the library asks.
fn public_key(asked: &impl serde::Serialize) -> Map<String, Value> {
    let asked = serde_json::to_value(asked).ok();
    match asked.and_then(|mut asked| asked.get_mut("publicKey").map(Value::take)) {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    }
}

/// Passkeys by the names that their authenticators have for them.
fn named(passkeys: &[PasskeyRow]) -> Value {
    let one = |it: &PasskeyRow| json!({ "type": "public-key", "id": base64url::encode(&it.credential_id) });
    passkeys.iter().map(one).collect()
}

fn stored(key: &Passkey) -> Result<String, Unproven> {
    serde_json::to_string(key).map_err(|_error| Unproven::Unreadable)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::named("https://id.example.com", true)]
    #[case::port("https://id.example.com:8443/auth/", true)]
    #[case::localhost("http://localhost:8700", true)]
    #[case::below_localhost("http://id.localhost:8700", true)]
    #[case::address("https://192.0.2.7", false)]
    #[case::loopback("http://127.0.0.1:8700", false)]
    #[case::six("https://[2001:db8::7]", false)]
    #[case::in_the_clear("http://id.example.com", false)]
    #[case::localhost_of_others("http://localhost.example", false)]
    #[case::nonsense("id.example.com", false)]
    fn there_are_passkeys_where_browsers_make_them(#[case] issuer: &str, #[case] offered: bool) {
        assert_eq!(RelyingParty::of(issuer).is_some(), offered);
    }

    #[test]
    fn what_is_asked_is_for_keys_that_are_found_without_a_name() {
        let rp = RelyingParty::of("https://id.example.com").unwrap();
        let (options, _state) = rp.ask(&[]).unwrap();
        let options: Value = serde_json::from_str(&options).unwrap();
        assert_eq!(options["rpId"], "id.example.com");
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["allowCredentials"], json!([]));
        assert!(options["challenge"].as_str().unwrap().len() >= 43, "{options}");
    }

    #[rstest]
    #[case::plain(r#"{"type":"webauthn.get"}"#, Ok(()))]
    #[case::said(r#"{"crossOrigin":false}"#, Ok(()))]
    #[case::framed(r#"{"crossOrigin":true}"#, Err(Unproven::Origin))]
    #[case::within(r#"{"topOrigin":"https://evil.example"}"#, Err(Unproven::Origin))]
    #[case::nonsense("{", Err(Unproven::Malformed))]
    fn what_was_signed_within_another_page_is_not_for_us(
        #[case] data: &str,
        #[case] expected: Result<(), Unproven>,
    ) {
        assert_eq!(must_be_of_the_page_itself(data.as_bytes()), expected);
    }

    #[test]
    fn a_user_has_one_handle_and_nobody_else_the_same() {
        let handle = |id: &str| user_handle(&UserId::parse(id).unwrap());
        assert_eq!(handle("usr_ann"), handle("usr_ann"));
        assert_ne!(handle("usr_ann"), handle("usr_bob"));
    }
}
