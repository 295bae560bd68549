//! Authorization requests: a query, then who asks, then what for, then the answer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenry_protocol::authorize::{Answer, Recipient, Request, Response};
use tokenry_protocol::{Params, Secret};

fuzz_target!(|data: &[u8]| {
    let Ok(params) = Params::from_form(data) else { return };
    let request = Request::parse(&params);
    let Ok(recipient) = Recipient::parse(&params) else { return };
    let answer = match request {
        Ok(_) => Answer::Code(Secret::new("code".to_owned())),
        Err(error) => Answer::Error(error),
    };
    let response = Response {
        redirect_uri: recipient.redirect_uri.clone(),
        mode: recipient.mode,
        state: recipient.state,
        issuer: "https://id.example.com".to_owned(),
        answer,
    };
    let location = response.location();
    // What goes into a header field is visible ASCII, and leads where it should.
    assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
    let uri = recipient.redirect_uri.split('#').next().unwrap_or_default();
    assert!(location.starts_with(uri) && location.contains("iss=https%3A%2F%2Fid.example.com#"));
});
