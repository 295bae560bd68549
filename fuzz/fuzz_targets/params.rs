//! Request bodies: read by form, JSON and content type, then as a token request.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenry_protocol::token::Request;
use tokenry_protocol::{Error, Params};

// Content type, `Authorization`, body, apart by line breaks; the body may have some of its own.
fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |&byte| byte == b'\n');
    let content_type = parts.next();
    let authorization = parts.next().filter(|header| !header.is_empty());
    let body = parts.next().unwrap_or_default();
    for params in [Params::from_form(body), Params::from_json(body), Params::from_body(content_type, body)] {
        match params.and_then(|params| Request::parse(authorization, &params)) {
            Ok(request) => assert!(request.client.used_header() == authorization.is_some()),
            Err(error) => check(&error, authorization.is_some()),
        }
    }
    if let (Ok(_), Ok(value)) = (Params::from_json(body), serde_json::from_slice::<serde_json::Value>(body)) {
        assert!(value.is_object());
    }
});

/// What a refusal must never do, whatever it refuses.
fn check(error: &Error, used_header: bool) {
    assert!(matches!(error.code.status(), 400 | 401));
    assert!(!error.challenge || used_header);
    assert!(error.description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
}
