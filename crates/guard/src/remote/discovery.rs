//! Where the issuer's keys are: authorization server metadata (RFC 8414 §3, OpenID Connect Discovery §4).

use reqwest::Url;
use serde::Deserialize;

use super::FetchError;
use super::http::Remote;

const MAX_LEN: usize = 64 * 1024;

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

/// Asks for the OAuth document, then for the OpenID one if there is none.
pub(super) async fn jwks_uri(issuer: &Remote) -> Result<Url, FetchError> {
    let answer = match issuer.get(oauth_location(&issuer.url), MAX_LEN).await {
        Err(FetchError::Status(404)) => issuer.get(openid_location(&issuer.url), MAX_LEN).await?,
        other => other?,
    };
    let metadata: Metadata = tokenry_jose::json::from_slice(&answer.body)
        .map_err(|error| FetchError::Content(error.to_string()))
        .and_then(|value| {
            serde_json::from_value(value).map_err(|error| FetchError::Content(error.to_string()))
        })?;
    check(metadata, issuer)
}

/// The document has to speak of this very issuer (RFC 8414 §3.3), and its keys to come from the same origin: whoever
/// can write a document there should not be able to send us elsewhere.
fn check(metadata: Metadata, issuer: &Remote) -> Result<Url, FetchError> {
    if metadata.issuer != issuer.identifier {
        return Err(FetchError::Mismatch {
            what: "issuer",
            actual: metadata.issuer,
            expected: issuer.identifier.clone(),
        });
    }
    match Url::parse(&metadata.jwks_uri) {
        Ok(url) if url.origin() == issuer.url.origin() => Ok(url),
        _ => Err(FetchError::Mismatch {
            what: "the origin of jwks_uri",
            actual: metadata.jwks_uri,
            expected: issuer.url.origin().ascii_serialization(),
        }),
    }
}

/// Between host and path (RFC 8414 §3.1).
fn oauth_location(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("/.well-known/oauth-authorization-server{}", issuer.path().trim_end_matches('/')));
    url
}

/// After the path (OpenID Connect Discovery §4.1).
fn openid_location(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_stand_where_their_specifications_say() {
        let at_root = Url::parse("https://id.example.com").unwrap();
        let under_path = Url::parse("https://id.example.com/tenant/").unwrap();
        let oauth = "https://id.example.com/.well-known/oauth-authorization-server";
        assert_eq!(oauth_location(&at_root).as_str(), oauth);
        assert_eq!(oauth_location(&under_path).as_str(), format!("{oauth}/tenant"));
        let openid = "/.well-known/openid-configuration";
        assert_eq!(openid_location(&at_root).as_str(), format!("https://id.example.com{openid}"));
        assert_eq!(openid_location(&under_path).as_str(), format!("https://id.example.com/tenant{openid}"));
    }
}
