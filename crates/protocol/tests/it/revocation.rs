//! Revocation requests.

use rstest::rstest;
use tokenry_protocol::revocation::Request;
use tokenry_protocol::{Error, ErrorCode, Params};

fn parse(authorization: Option<&str>, body: &str) -> Result<Request, Error> {
    let params = Params::from_form(body.as_bytes())?;
    Request::parse(authorization.map(str::as_bytes), &params)
}

#[rstest]
#[case::none("")]
#[case::right("&token_type_hint=access_token")]
#[case::wrong("&token_type_hint=refresh_token")]
#[case::unknown("&token_type_hint=urn:nobody:knows")]
fn int_05_the_hint_decides_nothing(#[case] hint: &str) {
    let request = parse(None, &format!("token=a.b.c&client_id=cron&client_secret=s{hint}")).unwrap();
    assert_eq!((request.client.client_id(), request.token.expose()), (Some("cron"), "a.b.c"));
}

#[rstest]
#[case::missing("client_id=cron&client_secret=s")]
#[case::empty("token=&client_id=cron&client_secret=s")]
#[case::twice("token=a&token=a&client_id=cron&client_secret=s")]
#[case::hint_twice("token=a&token_type_hint=a&token_type_hint=b&client_id=cron&client_secret=s")]
fn int_10_without_one_token_it_is_no_request(#[case] body: &str) {
    assert_eq!(parse(None, body).unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn tok_28_a_bearer_token_authenticates_nobody() {
    let error = parse(Some("Bearer abc"), "token=a").unwrap_err();
    assert_eq!((error.code, error.challenge), (ErrorCode::InvalidClient, true));
}

#[test]
fn r17_debug_hides_the_token() {
    assert!(!format!("{:?}", parse(None, "token=sesame&client_id=cron").unwrap()).contains("sesame"));
}
