//! From which origins a browser may read what a client is answered: those of its own pages.

use tokenry_model::{Client, MethodFamily};
use url::Url;

/// Whether pages of `origin` may read what `client` is answered: it is public, and one of its redirect URIs is of exactly
/// that origin, as browsers write it. `null` is nobody's (HTTP-08).
#[must_use]
pub(crate) fn is_of(client: &Client, origin: &str) -> bool {
    let public = client.auth_method.family() == MethodFamily::Public;
    public && client.redirect_uris.iter().any(|uri| origin_of(uri).as_deref() == Some(origin))
}

/// The origin of a URI that browsers open by HTTP; a native application's own scheme has none.
fn origin_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::exact("https://app.example.com/cb", "https://app.example.com")]
    #[case::with_port("http://127.0.0.1:8704/callback", "http://127.0.0.1:8704")]
    #[case::root("https://app.example.com", "https://app.example.com")]
    fn an_origin_is_that_of_a_redirect_uri(#[case] uri: &str, #[case] origin: &str) {
        assert_eq!(origin_of(uri).as_deref(), Some(origin));
    }

    #[rstest]
    #[case::own_scheme("com.example.app:/cb")]
    #[case::no_uri("cb")]
    #[case::data("data:text/html,x")]
    fn http_08_what_has_no_origin_is_not_null_either(#[case] uri: &str) {
        assert_eq!(origin_of(uri), None);
    }
}
