//! Every error × every face, as one table: a change of policy is a change of this text.

use std::fmt::Write as _;

use http_body_util::BodyExt as _;
use tokenry_clock::Timestamp;
use tokenry_engine::Exceeded;
use tokenry_model::Theme;

use super::*;

const FAULTS: [Fault; 20] = [
    Fault::BodyTooLarge,
    Fault::BodyUnreadable,
    Fault::Conflict,
    Fault::ForeignForm,
    Fault::ForeignOrigin,
    Fault::HeadTooLarge,
    Fault::HostInvalid,
    Fault::InteractiveSessionRequired,
    Fault::MemberInvalid,
    Fault::MethodNotAllowed,
    Fault::Misdirected,
    Fault::NotFound,
    Fault::NotImplemented,
    Fault::NotReady,
    Fault::Overloaded,
    Fault::Panicked,
    Fault::ReauthenticationRequired,
    Fault::TimedOut,
    Fault::TooManyChanges,
    Fault::TooManyTokens,
    Fault::UriTooLong,
];

const TABLE: &str = "
AccessDenied                   | 400 access_denied                      | 400 access_denied
AccountSelectionRequired       | 400 account_selection_required         | 400 account_selection_required
ConsentRequired                | 400 consent_required                   | 400 consent_required
InsufficientScope              | 403 insufficient_scope                 | 403 insufficient_scope
InsufficientUserAuthentication | 401 insufficient_user_authentication   | 401 insufficient_user_authentication
InteractionRequired            | 400 interaction_required               | 400 interaction_required
InvalidClient                  | 401 invalid_client                     | 401 invalid_client
InvalidGrant                   | 400 invalid_grant                      | 400 invalid_grant
InvalidRequest                 | 400 invalid_request                    | 400 invalid_request
InvalidRequestObject           | 400 invalid_request_object             | 400 invalid_request_object
InvalidRequestUri              | 400 invalid_request_uri                | 400 invalid_request_uri
InvalidScope                   | 400 invalid_scope                      | 400 invalid_scope
InvalidTarget                  | 400 invalid_target                     | 400 invalid_target
InvalidToken                   | 401 invalid_token                      | 401 invalid_token
LoginRequired                  | 400 login_required                     | 400 login_required
RegistrationNotSupported       | 400 registration_not_supported         | 400 registration_not_supported
RequestNotSupported            | 400 request_not_supported              | 400 request_not_supported
RequestUriNotSupported         | 400 request_uri_not_supported          | 400 request_uri_not_supported
ServerError                    | 500 server_error                       | 500 server_error
TemporarilyUnavailable         | 503 temporarily_unavailable retry      | 503 temporarily_unavailable retry
UnauthorizedClient             | 400 unauthorized_client                | 400 unauthorized_client
UnsupportedGrantType           | 400 unsupported_grant_type             | 400 unsupported_grant_type
UnsupportedResponseType        | 400 unsupported_response_type          | 400 unsupported_response_type
UnsupportedTokenType           | 400 unsupported_token_type             | 400 unsupported_token_type
BodyTooLarge                   | 413 invalid_request                    | 413 body_too_large
BodyUnreadable                 | 400 invalid_request                    | 400 body_unreadable
Conflict                       | 409 invalid_request                    | 409 conflict
ForeignForm                    | 403 invalid_request                    | 403 form_not_ours
ForeignOrigin                  | 403 invalid_request                    | 403 origin_not_allowed
HeadTooLarge                   | 431 invalid_request                    | 431 head_too_large
HostInvalid                    | 400 invalid_request                    | 400 host_invalid
InteractiveSessionRequired     | 403 invalid_request                    | 403 interactive_session_required
MemberInvalid                  | 422 invalid_request                    | 422 invalid_member
MethodNotAllowed               | 405 invalid_request                    | 405 method_not_allowed
Misdirected                    | 421 invalid_request                    | 421 misdirected_request
NotFound                       | 404 invalid_request                    | 404 not_found
NotImplemented                 | 501 invalid_request                    | 501 not_implemented
NotReady                       | 503 temporarily_unavailable retry      | 503 not_ready retry
Overloaded                     | 503 temporarily_unavailable retry      | 503 overloaded retry
Panicked                       | 500 server_error                       | 500 server_error
ReauthenticationRequired       | 403 invalid_request                    | 403 reauthentication_required
TimedOut                       | 503 temporarily_unavailable retry      | 503 timed_out retry
TooManyChanges                 | 429 temporarily_unavailable retry      | 429 too_many_changes retry
TooManyTokens                  | 409 invalid_request                    | 409 too_many_tokens
UriTooLong                     | 414 invalid_request                    | 414 uri_too_long
";

fn manner() -> Manner {
    Manner {
        challenge: HeaderValue::from_static("Basic realm=\"a\""),
        look: Box::new(|| Theme::default().into()),
        style: ErrorStyle::Rfc,
    }
}

/// Status, code, and whether it says when to come back.
async fn row(failure: Failure, face: Face) -> String {
    let mut response = failure.into_response();
    render(&mut response, face, ("r1", Language::En), &manner());
    let (head, body) = response.into_parts();
    let body: serde_json::Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    let (content_type, code) = match face {
        Face::OAuth => ("application/json", &body["error"]),
        Face::Page => unreachable!("pages have a test of their own"),
        Face::Problem => ("application/problem+json", &body["code"]),
    };
    assert_eq!(head.headers[CONTENT_TYPE], content_type);
    assert!(!head.headers.contains_key(WWW_AUTHENTICATE));
    if face == Face::Problem {
        assert_eq!(body["status"], head.status.as_u16());
        assert_eq!(body["request_id"], "r1");
    } else {
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
    let retry = head.headers.get(RETRY_AFTER).map_or("", |_| " retry");
    format!("{} {}{retry}", head.status.as_u16(), code.as_str().unwrap())
}

#[tokio::test]
async fn every_error_has_every_face() {
    let codes = ErrorCode::ALL.map(|code| (format!("{code:?}"), Failure::from(Error::new(code, "Why."))));
    let faults = FAULTS.map(|fault| (format!("{fault:?}"), Failure::from(fault)));
    let mut table = String::from("\n");
    for (name, failure) in codes.into_iter().chain(faults) {
        let (oauth, problem) = (row(failure.clone(), Face::OAuth).await, row(failure, Face::Problem).await);
        writeln!(table, "{name:<31}| {oauth:<39}| {problem}").unwrap();
    }
    assert_eq!(table, TABLE, "{table}");
}

#[tokio::test]
async fn every_error_has_a_page() {
    let codes = ErrorCode::ALL.map(|code| Failure::from(Error::new(code, "<Why> & why.")));
    for failure in codes.into_iter().chain(FAULTS.map(Failure::from)) {
        let (status, text) = (failure.status, failure.error.description.clone());
        let mut response = failure.into_response();
        render(&mut response, Face::Page, ("r1", Language::En), &manner());
        let (head, body) = response.into_parts();
        assert_eq!(
            (head.status, &head.headers[CONTENT_TYPE]),
            (status, &HeaderValue::from_static("text/html; charset=utf-8"))
        );
        let html = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
        assert!(html.contains("r1") && html.contains("role=\"alert\""), "{html}");
        assert!(!html.contains("<Why>"), "{text}: {html}");
    }
}

#[tokio::test]
async fn descriptions_have_only_the_characters_of_rfc_6749() {
    for fault in FAULTS {
        let description = Failure::from(fault).error.description;
        assert!(
            description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)),
            "{fault:?}"
        );
    }
}

#[test]
fn a_limit_that_was_hit_is_429_and_says_when_to_come_back() {
    let refusal = |cause: Option<Cause>, wait| Refusal {
        error: Error::new(ErrorCode::TemporarilyUnavailable, "Later."),
        reason: "busy",
        retry_after: Some(Duration::from_millis(wait)),
        style: None,
        cause: cause.map(Box::new),
    };
    for (cause, wait, status, after) in
        [(Some(Cause::RateLimited), 1_001, 429, "2"), (Some(exceeded()), 5, 429, "1"), (None, 0, 503, "1")]
    {
        let mut response = Failure::from(refusal(cause, wait)).into_response();
        render(&mut response, Face::OAuth, ("r1", Language::En), &manner());
        assert_eq!(
            (response.status().as_u16(), response.headers()[RETRY_AFTER].to_str().unwrap()),
            (status, after)
        );
    }
}

#[test]
fn tok_01_only_a_failure_of_the_header_is_challenged() {
    let failed = || Error::new(ErrorCode::InvalidClient, "No.");
    for (error, challenged) in [(failed(), false), (failed().with_challenge(), true)] {
        let mut response = Failure::from(error).into_response();
        render(&mut response, Face::OAuth, ("r1", Language::En), &manner());
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers().contains_key(WWW_AUTHENTICATE), challenged);
    }
}

#[test]
fn one_face_a_path() {
    for path in ["/oauth/token", "/oauth/nothing"] {
        assert_eq!(Face::of(path), Face::OAuth);
    }
    for path in ["/", "/oauth", "/oauthx", "/guard/v1/snapshot", "/readyz"] {
        assert_eq!(Face::of(path), Face::Problem);
    }
}

fn exceeded() -> Cause {
    Cause::QuotaExceeded(Exceeded { limit: 1, resets_at: Timestamp::EPOCH, quotas: Vec::new() })
}

/// The words of two limits, with or without a client that is known.
#[tokio::test]
async fn r43_limits_have_auth0s_words_in_its_style() {
    for (cause, sentence) in [
        (Cause::RateLimited, "Rate limit exceeded. Please retry after some time."),
        (exceeded(), "Client quota exceeded"),
    ] {
        for (style, otherwise) in [(Some(ErrorStyle::Auth0), ErrorStyle::Rfc), (None, ErrorStyle::Auth0)] {
            let error = Error::new(ErrorCode::TemporarilyUnavailable, "Later.");
            let retry_after = Some(Duration::from_secs(7));
            let cause = Some(Box::new(cause.clone()));
            let refusal = Refusal { error, reason: "busy", retry_after, style, cause };
            let mut response = Failure::from(refusal).into_response();
            render(
                &mut response,
                Face::OAuth,
                ("r1", Language::En),
                &Manner { style: otherwise, ..manner() },
            );
            let (head, body) = response.into_parts();
            assert_eq!((head.status.as_u16(), &head.headers[RETRY_AFTER]), (429, &HeaderValue::from(7)));
            let body: serde_json::Value =
                serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
            let expected = serde_json::json!({"error": "too_many_requests", "error_description": sentence});
            assert_eq!(body, expected);
        }
    }
}
