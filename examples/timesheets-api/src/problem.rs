//! Answers of the API's own that are no success; the guard's refusals look the same (RFC 9457).
//!
//! | code | status | when |
//! |---|---|---|
//! | `body_timeout` | 408 | the body did not arrive in ten seconds |
//! | `body_too_large` | 413 | 64 KiB, an import 1 MiB |
//! | `internal_error` | 500 | our mistake; the log says more under the request id |
//! | `invalid_json` | 400 | the body is not the JSON that is due |
//! | `invalid_timesheet` | 422 | good JSON, bad values; `errors` names each |
//! | `storage_unavailable` | 503 | the database is busy, full or gone |
//! | `timesheet_exists` | 409 | (company, employee, week) is taken; `id` says by which |
//! | `unsupported_media_type` | 415 | not `application/json`, or compressed |

use axum::http::StatusCode;
use rusqlite::ErrorCode;
use serde_json::{Value, json};
use tokenry_guard::Problem;

use crate::json::Broken;
use crate::timesheet::Rejection;

pub(crate) fn body_timeout() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "Body timeout")
        .detail("The body did not arrive in time.")
}

pub(crate) fn body_too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Body too large")
        .detail(format!("The body has more than {limit} bytes."))
}

pub(crate) fn invalid_json(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_json", "Invalid JSON")
        .detail(format!("The body is not the JSON that is due: {detail}."))
}

pub(crate) fn timesheet_exists(id: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "timesheet_exists", "Timesheet exists")
        .detail("There is a timesheet of this employee for this week.")
        .with("id", id)
}

pub(crate) fn unsupported_media_type(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type")
        .detail(detail)
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let faults = match rejection {
            Rejection::Broken(Broken(detail)) => return invalid_json(&detail),
            Rejection::Invalid(faults) => faults,
        };
        let errors: Vec<Value> = faults.iter().map(|fault| json!(fault)).collect();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_timesheet", "Invalid timesheet")
            .detail("The JSON is fine, but its values are no timesheet.")
            .with("errors", errors)
    }
}

/// What a failed call of the storage answers. `?` cannot do it: [`Problem`] and the error are both other
/// crates'.
pub(crate) fn storage(error: &rusqlite::Error) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "storage");
    match error.sqlite_error_code() {
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DiskFull
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure,
        ) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", "Storage unavailable")
            .detail("The timesheets cannot be read or written now. Nothing was changed. Try again later."),
        _ => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error")
            .detail("The server made a mistake. Its log says more under this request id."),
    }
}
