//! A client's own public keys, as an operator gives them: checked strictly, so that no key is left out in silence.

use serde_json::Value;
use tokenry_jose::{Error as JoseError, Jwk, JwkSet, VerifyingKey, json};
use tokenry_model::{ClientAuthMethod, ClientKeys, ClientType, MethodFamily, Record};
use url::Url;

use super::error::Error;
use crate::client_keys::MAX_KEYS;
use crate::policy::others_ports::is_others_port;
use crate::policy::redirect_uri::{self, Unfit};

/// The longest JWK set that is taken, in bytes.
const MAX_LEN: usize = 64 * 1024;

/// A client's own public keys, for `private_key_jwt`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NewClientKeys {
    /// A JWK set as JSON text (RFC 7517 §5).
    Inline(Vec<u8>),
    /// Where the client publishes it.
    Uri(String),
}

/// The keys of a client that authenticates by `method`: there must be some for an assertion, and none for anything else.
pub(super) fn keys_for(
    method: ClientAuthMethod,
    new: Option<&NewClientKeys>,
) -> Result<Option<ClientKeys>, Error> {
    match (method.family(), new) {
        (MethodFamily::Assertion, Some(new)) => checked(new).map(Some),
        (MethodFamily::Assertion, None) => Err(Error::invalid(
            "jwks",
            "a private_key_jwt client needs its public keys: give --jwks or --jwks-uri",
        )),
        (MethodFamily::Public | MethodFamily::Secret, None) => Ok(None),
        (MethodFamily::Public | MethodFamily::Secret, Some(new)) => Err(Error::invalid(
            field(new),
            format!(
                "a client that authenticates by {method} has no keys; they go with --auth-method private_key_jwt"
            ),
        )),
    }
}

/// Adds to a record what keys a client got: their thumbprints (RFC 7638), or where they are.
pub(super) fn note_keys(record: Record, keys: Option<&ClientKeys>) -> Record {
    match keys {
        Some(ClientKeys::Inline(set)) => {
            record.with("keys", set.keys().iter().map(Jwk::thumbprint).collect::<Vec<_>>())
        }
        Some(ClientKeys::Uri(uri)) => record.with("jwks_uri", uri.as_str()),
        None => record,
    }
}

/// Why a client of this type cannot authenticate by assertion, if it cannot.
pub(super) fn check_type(kind: ClientType) -> Result<(), Error> {
    if kind.is_public() {
        let problem = format!("a {kind} client can be downloaded by anyone and keeps no key: use none");
        return Err(Error::invalid("auth-method", problem));
    }
    Ok(())
}

const fn field(new: &NewClientKeys) -> &'static str {
    match new {
        NewClientKeys::Inline(_) => "jwks",
        NewClientKeys::Uri(_) => "jwks-uri",
    }
}

fn checked(new: &NewClientKeys) -> Result<ClientKeys, Error> {
    let keys = match new {
        NewClientKeys::Inline(text) => check_set(text).map(ClientKeys::Inline),
        NewClientKeys::Uri(uri) => check_outbound_uri(uri).map(|()| ClientKeys::Uri(uri.clone())),
    };
    keys.map_err(|problem| Error::invalid(field(new), problem))
}

/// Every key must be one that can verify: whoever gives us a set wants all of it to count (KEY-06).
fn check_set(text: &[u8]) -> Result<JwkSet, String> {
    if text.len() > MAX_LEN {
        return Err(format!("the set is longer than {MAX_LEN} bytes"));
    }
    let members = json::object(text).map_err(|error| format!("it is no JWK set: {error}"))?;
    let Some(entries) = members.get("keys").and_then(Value::as_array) else {
        return Err("it is no JWK set: an object with an array \"keys\" (RFC 7517 §5)".to_owned());
    };
    if entries.is_empty() || entries.len() > MAX_KEYS {
        return Err(format!("a client has 1 to {MAX_KEYS} keys, and these are {}", entries.len()));
    }
    let keys = (1..).zip(entries).map(|(number, entry)| {
        check_key(entry).map_err(|error| match error {
            JoseError::KeyPrivate => {
                format!(
                    "key {number} is private or symmetric: keep it to yourself, and give us the public half"
                )
            }
            error => format!("key {number} cannot be used: {error}"),
        })
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    if keys.len() > 1 && keys.iter().any(|key| key.kid().is_none()) {
        return Err(
            "of several keys each needs a kid, by which an assertion says which one it is of".to_owned()
        );
    }
    JwkSet::new(keys).map_err(|error| error.to_string())
}

fn check_key(entry: &Value) -> Result<Jwk, JoseError> {
    let jwk = Jwk::parse(entry.to_string().as_bytes())?;
    VerifyingKey::from_jwk(&jwk)?;
    Ok(jwk)
}

/// Refuses an address of somebody else's to which this server would not connect: one that is not https, or has another protocol's
/// port.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn check_outbound_uri(uri: &str) -> Result<(), String> {
    redirect_uri::check(uri, ClientType::Web).map_err(|unfit| match unfit {
        Unfit::Scheme => "it must be https; http is for loopback only".to_owned(),
        other => other.to_string(),
    })?;
    match Url::parse(uri).ok().and_then(|url| url.port()).filter(|&port| is_others_port(port)) {
        Some(port) => Err(format!("its port is another protocol's: {port}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn set(keys: &[String]) -> Result<JwkSet, String> {
        check_set(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes())
    }

    fn with(member: &str) -> String {
        format!("{},{member}}}", GOOD.trim_end_matches('}'))
    }

    #[test]
    fn key_06_every_key_of_a_set_must_be_usable() {
        assert_eq!(set(&[GOOD.to_owned()]).unwrap().keys().len(), 1);
        let small = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, "v".repeat(172));
        for (bad, problem) in [
            (with(r#""d":"AA""#), "key 2 is private"),
            (r#"{"kty":"oct","k":"AA"}"#.to_owned(), "key 2 is private or symmetric"),
            (small, "2048"),
            (r#"{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}"#.to_owned(), "not supported"),
            (r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#.to_owned(), "not supported"),
            (with(r#""use":"enc""#), "not meant for verifying"),
            (with(r#""alg":"HS256""#), "alg"),
            (with(r#""alg":"RS256""#), "another algorithm"),
            ("7".to_owned(), "not a JSON object"),
        ] {
            let error = set(&[with(r#""kid":"a""#), bad.clone()]).unwrap_err();
            assert!(error.contains(problem), "{bad}: {error}");
        }
    }

    #[test]
    fn key_06_a_set_is_of_one_to_twenty_keys_each_by_its_name() {
        let named = |kid: usize| with(&format!(r#""kid":"{kid}""#));
        assert!(set(&(0..20).map(named).collect::<Vec<_>>()).is_ok());
        assert!(set(&(0..21).map(named).collect::<Vec<_>>()).unwrap_err().contains("1 to 20"));
        assert!(set(&[]).unwrap_err().contains("1 to 20"));
        assert!(set(&[named(1), named(1)]).unwrap_err().contains("same kid"));
        assert!(set(&[named(1), GOOD.to_owned()]).unwrap_err().contains("needs a kid"));
        for bad in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, GOOD] {
            assert!(check_set(bad.as_bytes()).unwrap_err().contains("no JWK set"), "{bad}");
        }
        assert!(check_set(" ".repeat(MAX_LEN + 1).as_bytes()).unwrap_err().contains("longer"));
    }

    #[test]
    fn an_address_is_https_or_loopback() {
        for good in ["https://a.example/jwks.json", "http://127.0.0.1:8080/jwks", "http://localhost:1/"] {
            assert_eq!(check_outbound_uri(good), Ok(()), "{good}");
        }
        for bad in [
            "http://a.example/jwks.json",
            "ftp://a.example/",
            "file:///etc/passwd",
            "https://u:p@a.example/",
            "https://a.example/#k",
            "jwks.json",
            "",
            "https://",
            "https://a.example/\n",
            "https://a.example:22/",
            "http://127.0.0.1:5432/",
        ] {
            assert!(check_outbound_uri(bad).is_err(), "{bad}");
        }
    }
}
