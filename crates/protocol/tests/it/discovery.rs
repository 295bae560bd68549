//! Both discovery documents.

use serde_json::{Value, json};
use tokenry_protocol::discovery::{JWKS_PATH, Metadata};

/// The server as it is today: machine to machine only.
fn today(issuer: &str) -> Metadata {
    let mut metadata = Metadata::new(issuer);
    metadata.token_endpoint = Some(metadata.url("/oauth/token"));
    metadata.jwks_uri = Some(metadata.url(JWKS_PATH));
    metadata.grant_types_supported = vec!["client_credentials".to_owned()];
    metadata.token_endpoint_auth_methods_supported =
        vec!["client_secret_basic".to_owned(), "client_secret_post".to_owned()];
    metadata
}

fn document(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn r2_rfc_8414_says_only_what_exists() {
    assert_eq!(
        document(&today("https://id.example.com").authorization_server_json()),
        json!({
            "issuer": "https://id.example.com",
            "token_endpoint": "https://id.example.com/oauth/token",
            "jwks_uri": "https://id.example.com/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    );
}

#[test]
fn r5_openid_has_its_required_members_even_where_empty() {
    assert_eq!(
        document(&today("https://id.example.com").openid_json()),
        json!({
            "issuer": "https://id.example.com",
            "token_endpoint": "https://id.example.com/oauth/token",
            "jwks_uri": "https://id.example.com/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "subject_types_supported": [],
            "id_token_signing_alg_values_supported": [],
            "request_uri_parameter_supported": false,
        })
    );
}

#[test]
fn what_comes_to_exist_is_said() {
    let mut metadata = today("https://id.example.com");
    metadata.service_documentation = Some("https://id.example.com/docs".to_owned());
    metadata.userinfo_endpoint = Some(metadata.url("/userinfo"));
    metadata.subject_types_supported = vec!["public".to_owned()];
    metadata.id_token_signing_alg_values_supported = vec!["RS256".to_owned()];
    let openid = document(&metadata.openid_json());
    assert_eq!(openid["service_documentation"], "https://id.example.com/docs");
    assert_eq!(openid["userinfo_endpoint"], "https://id.example.com/userinfo");
    assert_eq!(openid["subject_types_supported"], json!(["public"]));
    assert_eq!(openid["id_token_signing_alg_values_supported"], json!(["RS256"]));
    let oauth = document(&metadata.authorization_server_json());
    assert_eq!(oauth["service_documentation"], "https://id.example.com/docs");
    for openid_only in
        ["userinfo_endpoint", "subject_types_supported", "id_token_signing_alg_values_supported"]
    {
        assert_eq!(oauth.get(openid_only), None, "{openid_only}");
    }
}

#[test]
fn tok_16_the_password_grant_is_nowhere() {
    let metadata = today("https://id.example.com");
    for bytes in [metadata.authorization_server_json(), metadata.openid_json()] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("password") && !text.contains("null") && !text.contains("implicit"), "{text}");
    }
}

#[test]
fn the_issuer_is_verbatim_and_addresses_have_one_slash() {
    let metadata = today("https://id.example.com/tenant/");
    assert_eq!(metadata.issuer, "https://id.example.com/tenant/");
    assert_eq!(metadata.token_endpoint.as_deref(), Some("https://id.example.com/tenant/oauth/token"));
}

#[test]
fn a_client_reads_either_document_back() {
    let metadata = today("https://id.example.com");
    for bytes in [metadata.authorization_server_json(), metadata.openid_json()] {
        assert_eq!(serde_json::from_slice::<Metadata>(&bytes).unwrap(), metadata);
    }
    let foreign = br#"{"issuer":"https://x.example","token_endpoint":"https://x.example/t","dpop":[1]}"#;
    let foreign: Metadata = serde_json::from_slice(foreign).unwrap();
    assert_eq!(foreign.token_endpoint.as_deref(), Some("https://x.example/t"));
    assert!(serde_json::from_slice::<Metadata>(b"{}").is_err());
}

/// The order of Auth0's own document, and then what it does not say; members that do not exist yet are not there.
#[test]
fn a2_the_members_stand_in_auth0s_order() {
    let text = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut metadata = today("https://id.example.com/");
    for endpoint in [
        &mut metadata.authorization_endpoint,
        &mut metadata.userinfo_endpoint,
        &mut metadata.revocation_endpoint,
        &mut metadata.introspection_endpoint,
        &mut metadata.end_session_endpoint,
    ] {
        *endpoint = Some("https://id.example.com/x".to_owned());
    }
    metadata.scopes_supported = text(&["openid"]);
    metadata.code_challenge_methods_supported = text(&["S256"]);
    metadata.response_modes_supported = text(&["query"]);
    metadata.token_endpoint_auth_signing_alg_values_supported = text(&["RS256"]);
    metadata.claims_supported = text(&["sub"]);
    metadata.prompt_values_supported = text(&["none"]);
    metadata.ui_locales_supported = text(&["en"]);
    metadata.authorization_response_iss_parameter_supported = true;
    metadata.backchannel_logout_supported = true;
    metadata.backchannel_logout_session_supported = true;
    let order = [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "scopes_supported",
        "response_types_supported",
        "code_challenge_methods_supported",
        "response_modes_supported",
        "subject_types_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "claims_supported",
        "request_uri_parameter_supported",
        "id_token_signing_alg_values_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "end_session_endpoint",
        "grant_types_supported",
        "introspection_endpoint",
        "authorization_response_iss_parameter_supported",
        "ui_locales_supported",
        "prompt_values_supported",
    ];
    let written = String::from_utf8(metadata.openid_json()).unwrap();
    let places: Vec<_> = order.iter().map(|name| written.find(&format!("\"{name}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{written}");
    assert_eq!(document(written.as_bytes()).as_object().unwrap().len(), order.len());
}
