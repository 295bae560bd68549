//! The `auth0` style of refusals: status, code and sentence as Auth0 has them, in one table.
//!
//! What the table does not know looks as in the `rfc` style. Sentences are Auth0's own, with quotes where RFC 6749 §5.2 has
//! none; programs compare them. Each is told only to who may know: what exists, to a client that has authenticated.

use http::StatusCode;
use tokenry_engine::Cause;
use tokenry_protocol::error::ErrorCode;

use super::{Body, Failure};

/// Where Auth0 explains which grant types a client has.
const GRANT_TYPES: &str = "https://auth0.com/docs/clients/client-grant-types";
const ACCESS_DENIED: &str = "access_denied";
const TOO_MANY: &str = "too_many_requests";
const NO_AUDIENCE: &str = "No audience parameter was provided, and no default audience has been configured";

/// What a failure looks like.
pub(super) fn body(failure: &Failure) -> Body {
    let forbidden = |sentence: String| row(StatusCode::FORBIDDEN, ACCESS_DENIED, sentence);
    match (failure.cause.as_deref(), failure.error.missing, failure.error.code) {
        (Some(Cause::QuotaExceeded(_)), ..) => {
            row(StatusCode::TOO_MANY_REQUESTS, TOO_MANY, "Client quota exceeded")
        }
        (Some(Cause::CredentialLimited | Cause::RateLimited), ..) => {
            let sentence = "Rate limit exceeded. Please retry after some time.";
            row(StatusCode::TOO_MANY_REQUESTS, TOO_MANY, sentence)
        }
        (Some(Cause::NoTarget), ..) => forbidden(NO_AUDIENCE.to_owned()),
        (Some(Cause::ApiUnknown { audience }), ..) => {
            forbidden(format!("Service not enabled within domain: {audience}"))
        }
        (Some(Cause::ApiNotGranted { client_id, audience }), ..) => forbidden(format!(
            "Client \"{client_id}\" is not authorized to access resource server \"{audience}\". You need to create a \
             \"client-grant\" associated to this API."
        )),
        (Some(Cause::ScopeNotGranted { scope }), ..) => {
            let scopes: Vec<_> = scope.iter().map(|token| token.as_str()).collect();
            forbidden(format!("Client has not been granted scopes: {}", scopes.join(", ")))
        }
        (Some(Cause::GrantTypeNotAllowed { grant_type }), ..) => Body {
            error_uri: Some(GRANT_TYPES),
            ..row(
                StatusCode::FORBIDDEN,
                "unauthorized_client",
                format!("Grant type '{grant_type}' not allowed for the client."),
            )
        },
        (_, Some("client_id"), _) => row(StatusCode::UNAUTHORIZED, "invalid_client", "Missing client_id"),
        (_, Some(parameter), _) => {
            let sentence = format!("Missing required parameter: {parameter}");
            row(StatusCode::BAD_REQUEST, "invalid_request", sentence)
        }
        (.., ErrorCode::InvalidClient) => row(StatusCode::UNAUTHORIZED, ACCESS_DENIED, "Unauthorized"),
        (.., ErrorCode::UnsupportedGrantType) => {
            row(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Grant type not supported")
        }
        _ => Body::rfc(failure),
    }
}

fn row(status: StatusCode, error: &'static str, sentence: impl Into<String>) -> Body {
    Body { status, error, error_description: sentence.into().into(), error_uri: None }
}
