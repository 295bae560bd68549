//! Where a pending authorization request leads to in the end, for the policy of the pages before that.

use serde::Deserialize;
use tokenry_clock::Timestamp;
use url::Url;

use super::seal::Purpose;
use crate::engine::Engine;

/// The origin of a redirect URI that was validated before it was sealed.
#[derive(Clone, Debug)]
pub struct FlowTarget(String);

/// What of a pending request is looked at.
#[derive(Deserialize)]
struct Sealed {
    redirect_uri: String,
}

impl FlowTarget {
    /// Of a pending request; `None` if it is none of ours, or has ended.
    #[must_use]
    pub fn open(engine: &Engine, flow: &str, now: Timestamp) -> Option<Self> {
        let Sealed { redirect_uri } = engine.unseal(Purpose::Flow, flow, now)?;
        Self::of(&redirect_uri)
    }

    /// Of a redirect URI that has been validated.
    #[must_use]
    pub fn of(redirect_uri: &str) -> Option<Self> {
        let uri = Url::parse(redirect_uri).ok()?;
        let origin = uri.origin();
        // A scheme of an application's own has no origin; a policy names the scheme (CSP3 §2.3.1).
        let text =
            if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", uri.scheme()) };
        Some(Self(text))
    }

    /// As a policy names it: `https://app.example`, or `app.example:` for a scheme of its own.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_origins_and_own_schemes() {
        for (uri, expected) in [
            ("https://app.example/callback?a=b", Some("https://app.example")),
            ("https://app.example:8443/", Some("https://app.example:8443")),
            ("http://127.0.0.1:8702/callback", Some("http://127.0.0.1:8702")),
            ("http://[::1]:1/", Some("http://[::1]:1")),
            ("com.example.app:/callback", Some("com.example.app:")),
            ("callback", None),
        ] {
            assert_eq!(FlowTarget::of(uri).as_ref().map(FlowTarget::origin), expected, "{uri}");
        }
    }
}
