//! The Config plan: what discovery says.

use rstest::rstest;
use serde_json::Value;
use tokenry_testkit::Answer;
use tokenry_testkit::Engine::{self, Postgres, Sqlite};

use super::provider::Provider;

#[rstest]
#[tokio::test]
async fn oidcc_discovery_endpoint_verification(#[values(Sqlite, Postgres)] engine: Engine) {
    let provider = Provider::on(engine).await;
    let metadata = &provider.metadata;
    assert_eq!(metadata["issuer"], provider.app.issuer.as_str(), "equal to where the document was found");
    let list = |name: &str| -> Vec<String> {
        let values = metadata[name].as_array().unwrap_or_else(|| panic!("{name}: {metadata}"));
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let has = |name: &str, value: &str| assert!(list(name).iter().any(|it| it == value), "{name}: {value}");
    assert_eq!(list("response_types_supported"), ["code"]);
    assert_eq!(list("subject_types_supported"), ["public"]);
    has("grant_types_supported", "authorization_code");
    has("id_token_signing_alg_values_supported", "RS256");
    has("scopes_supported", "openid");
    has("claims_supported", "sub");
    has("token_endpoint_auth_methods_supported", "client_secret_basic");
    has("code_challenge_methods_supported", "S256");
    assert!(!list("code_challenge_methods_supported").contains(&"plain".to_owned()));
    assert!(
        list("scopes_supported")
            .iter()
            .all(|scope| { scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) })
    );
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_ne!(metadata["request_parameter_supported"], true);
    assert_eq!(metadata["claims_parameter_supported"], Value::Null, "absent is false");

    for name in metadata.as_object().unwrap().keys().filter(|name| name.ends_with("_endpoint")) {
        assert!(provider.endpoint(name).starts_with(&provider.app.issuer), "{name}");
        assert!(provider.endpoint(name).starts_with("https://"), "{name}");
    }
    let jwks = Answer::to(provider.app.http.get(provider.endpoint("jwks_uri"))).await.json();
    let keys = jwks["keys"].as_array().unwrap();
    let mut kids: Vec<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), keys.len(), "each has an id of its own");
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert_eq!(key[private], Value::Null, "{private}");
        }
    }
}
