//! What was found, and what to do about it.

use crate::failure::Failure;
use crate::output::Thing;

/// How bad it is, from good to bad; what could not be looked at stands apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// It could not be looked at, or there is nothing to look at.
    Skipped,
    /// It works, and will not for ever or not as well as it could.
    Warning,
    /// It does not work, or is not safe.
    Failure,
}

impl Status {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// What was looked at: a stable name, with a dot before its part.
    pub(super) check: &'static str,
    pub(super) status: Status,
    /// What was found, in a sentence.
    pub(super) finding: String,
    /// What to do about it; there for every warning and failure.
    pub(super) fix: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, finding: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, finding: finding.into(), fix: None }
    }

    pub(super) fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self { check, status: Status::Skipped, finding: why.into(), fix: None }
    }

    pub(super) fn warning(check: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, status: Status::Warning, finding: finding.into(), fix: Some(fix.into()) }
    }

    pub(super) fn failure(check: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, status: Status::Failure, finding: finding.into(), fix: Some(fix.into()) }
    }

    /// What another command would have failed with; `fix` where that does not say what to do.
    pub(super) fn failed(check: &'static str, failure: &Failure, fix: &str) -> Self {
        Self::failure(check, failure.message(), failure.hinted().unwrap_or(fix))
    }

    /// As JSON has it.
    pub(super) fn thing(&self) -> Thing {
        Thing::new()
            .with("check", self.check)
            .with("status", self.status.word())
            .with("finding", self.finding.as_str())
            .with("fix", self.fix.clone())
    }
}
