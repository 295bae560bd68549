//! Answers of the API's own that are no success; the guard's refusals look the same (RFC 9457).

use axum::http::StatusCode;
use rusqlite::ErrorCode;
use serde_json::{Value, json};
use tokenry_guard::{__ProblemKind as Kind, Problem};

use crate::json::Broken;
use crate::timesheet::Rejection;

/// Every kind of problem that is this API's own.
pub const PROBLEMS: [Kind; 8] = [
    BODY_TIMEOUT,
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID_JSON,
    INVALID_TIMESHEET,
    STORAGE_UNAVAILABLE,
    TIMESHEET_EXISTS,
    UNSUPPORTED_MEDIA_TYPE,
];

const BODY_TIMEOUT: Kind =
    Kind { code: "body_timeout", status: 408, meaning: "The body did not arrive in ten seconds." };
const BODY_TOO_LARGE: Kind =
    Kind { code: "body_too_large", status: 413, meaning: "A body may have 64 KiB, that of an import 1 MiB." };
const INTERNAL_ERROR: Kind = Kind {
    code: "internal_error",
    status: 500,
    meaning: "Our mistake; the log says more under the request id.",
};
const INVALID_JSON: Kind =
    Kind { code: "invalid_json", status: 400, meaning: "The body is not the JSON that is due." };
const INVALID_TIMESHEET: Kind =
    Kind { code: "invalid_timesheet", status: 422, meaning: "Good JSON, bad values; `errors` names each." };
const STORAGE_UNAVAILABLE: Kind =
    Kind { code: "storage_unavailable", status: 503, meaning: "The database is busy, full or gone." };
const TIMESHEET_EXISTS: Kind = Kind {
    code: "timesheet_exists",
    status: 409,
    meaning: "Company, employee and week are taken; `id` says by which.",
};
const UNSUPPORTED_MEDIA_TYPE: Kind = Kind {
    code: "unsupported_media_type",
    status: 415,
    meaning: "The body is not `application/json`, or is compressed.",
};

/// A problem of that kind.
fn of(kind: Kind, title: &'static str) -> Problem {
    let status = StatusCode::from_u16(kind.status).expect("every kind has a status of HTTP");
    Problem::new(status, kind.code, title)
}

pub(crate) fn body_timeout() -> Problem {
    of(BODY_TIMEOUT, "Body timeout").detail("The body did not arrive in time.")
}

pub(crate) fn body_too_large(limit: usize) -> Problem {
    of(BODY_TOO_LARGE, "Body too large").detail(format!("The body has more than {limit} bytes."))
}

pub(crate) fn invalid_json(detail: &str) -> Problem {
    of(INVALID_JSON, "Invalid JSON").detail(format!("The body is not the JSON that is due: {detail}."))
}

pub(crate) fn timesheet_exists(id: &str) -> Problem {
    of(TIMESHEET_EXISTS, "Timesheet exists")
        .detail("There is a timesheet of this employee for this week.")
        .with("id", id)
}

pub(crate) fn unsupported_media_type(detail: &'static str) -> Problem {
    of(UNSUPPORTED_MEDIA_TYPE, "Unsupported media type").detail(detail)
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let faults = match rejection {
            Rejection::Broken(Broken(detail)) => return invalid_json(&detail),
            Rejection::Invalid(faults) => faults,
        };
        let errors: Vec<Value> = faults.iter().map(|fault| json!(fault)).collect();
        of(INVALID_TIMESHEET, "Invalid timesheet")
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
        ) => of(STORAGE_UNAVAILABLE, "Storage unavailable")
            .detail("The timesheets cannot be read or written now. Nothing was changed. Try again later."),
        _ => of(INTERNAL_ERROR, "Internal error")
            .detail("The server made a mistake. Its log says more under this request id."),
    }
}
