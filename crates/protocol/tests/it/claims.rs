//! Reserved claim names, the namespace, and the tenant claim.

use rstest::rstest;
use serde_json::{Map, Value, json};
use tokenry_protocol::claims::{
    InvalidCustom, InvalidNamespace, MAX_CUSTOM, Namespace, RESERVED, TenantClaim, check_custom, is_reserved,
};

#[test]
fn peer_10_reserved_names_are_refused_in_any_case() {
    let listed = "iss sub aud exp nbf iat jti azp scope client_id cnf act sid acr auth_time nonce gty";
    for name in listed.split(' ').chain(RESERVED) {
        assert!(is_reserved(name), "{name}");
        assert!(is_reserved(&name.to_uppercase()), "{name}");
        assert_eq!(Namespace::parse(name), Err(InvalidNamespace));
    }
    assert!(RESERVED.is_sorted(), "a sorted list shows its gaps");
    assert!(!is_reserved("companyId") && !is_reserved("https://auth.example.com/metadata"));
}

#[rstest]
#[case("https://auth.example.com/metadata")]
#[case("http://127.0.0.1:8700/claims?v=1")]
#[case("HTTPS://auth.example.com")]
fn r12_a_namespace_is_a_url(#[case] text: &str) {
    assert_eq!(Namespace::parse(text).unwrap().as_str(), text);
}

#[rstest]
#[case("")]
#[case("metadata")]
#[case("urn:example:claims")]
#[case("ftp://example.com")]
#[case("https:auth.example.com")]
#[case("https:///auth.example.com")]
#[case("https://")]
#[case("https://auth.example.com/#claims")]
#[case("https://auth.example.com/a b")]
#[case(" https://auth.example.com")]
#[case("https://user:password@auth.example.com/")]
fn r13_anything_else_is_no_namespace(#[case] text: &str) {
    assert_eq!(Namespace::parse(text), Err(InvalidNamespace));
}

#[test]
fn peer_10_a_namespace_is_short() {
    let path = "a".repeat(256 - "https://a.example/".len());
    assert!(Namespace::parse(&format!("https://a.example/{path}")).is_ok());
    assert!(Namespace::parse(&format!("https://a.example/{path}a")).is_err());
}

fn tenant(company: &str, corporation: Option<&str>) -> TenantClaim {
    TenantClaim { company_id: company.to_owned(), corporation_id: corporation.map(str::to_owned) }
}

#[test]
fn r25_the_corporation_is_absent_rather_than_null() {
    let one = serde_json::to_string(&tenant("acme", None)).unwrap();
    assert_eq!(one, r#"{"companyId":"acme"}"#);
    let many = serde_json::to_string(&tenant("acme", Some("group"))).unwrap();
    assert_eq!(many, r#"{"companyId":"acme","corporationId":"group"}"#);
}

#[rstest]
#[case(r#"{"companyId":"acme"}"#, tenant("acme", None))]
#[case(r#"{"corporationId":"group","companyId":"acme"}"#, tenant("acme", Some("group")))]
#[case(r#"{"companyId":"acme","plan":{"tier":[1]},"corporationid":"x"}"#, tenant("acme", None))]
fn r12_the_tenant_claim_is_read(#[case] json: &str, #[case] expected: TenantClaim) {
    assert_eq!(serde_json::from_str::<TenantClaim>(json).unwrap(), expected);
}

#[rstest]
#[case::array(r#"["acme","group"]"#)]
#[case::text(r#""acme""#)]
#[case::null("null")]
#[case::empty_object("{}")]
#[case::corporation_alone(r#"{"corporationId":"group"}"#)]
#[case::empty_company(r#"{"companyId":""}"#)]
#[case::null_company(r#"{"companyId":null}"#)]
#[case::list_of_companies(r#"{"companyId":["acme"]}"#)]
#[case::null_corporation(r#"{"companyId":"acme","corporationId":null}"#)]
#[case::empty_corporation(r#"{"companyId":"acme","corporationId":""}"#)]
#[case::company_twice(r#"{"companyId":"acme","companyId":"globex"}"#)]
#[case::company_twice_in_disguise(r#"{"companyId":"acme","company\u0049d":"globex"}"#)]
fn peer_10_another_shape_is_no_tenant_claim(#[case] json: &str) {
    assert!(serde_json::from_str::<TenantClaim>(json).is_err());
}

#[test]
fn peer_10_identifiers_are_short() {
    let claim = |length| format!(r#"{{"companyId":"{}"}}"#, "a".repeat(length));
    assert!(serde_json::from_str::<TenantClaim>(&claim(128)).is_ok());
    assert!(serde_json::from_str::<TenantClaim>(&claim(129)).is_err());
}

#[test]
fn peer_10_no_custom_claim_shadows_what_tokens_say() {
    let claims =
        |name: &str, value: Value| Map::from_iter([("fine".to_owned(), json!(1)), (name.to_owned(), value)]);
    assert_eq!(check_custom(&Map::new()), Ok(()));
    for name in ["plan", "companyIds", "company_id", "https://example.com/claims", "größe"] {
        assert_eq!(check_custom(&claims(name, json!({"sub": [null]}))), Ok(()), "{name}");
    }
    for name in RESERVED.into_iter().chain(["companyId", "corporationId"]) {
        for name in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
            assert_eq!(check_custom(&claims(&name, json!(1))), Err(InvalidCustom::Reserved(name)));
        }
    }
    assert_eq!(check_custom(&claims("", json!(1))), Err(InvalidCustom::Nameless));
}

#[test]
fn peer_10_custom_claims_are_bounded_in_bytes() {
    let claims = |len: usize| Map::from_iter([("a".to_owned(), Value::from("ü".repeat(len)))]);
    let frame = r#"{"a":""}"#.len();
    assert_eq!(check_custom(&claims((MAX_CUSTOM - frame) / 2)), Ok(()));
    assert_eq!(check_custom(&claims((MAX_CUSTOM - frame) / 2 + 1)), Err(InvalidCustom::TooLong));
}
