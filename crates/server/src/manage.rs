//! `/manage/v1/users/me`: what people's own programs and pages do about credentials of theirs (decision 27).
//!
//! The interactive cookie alone opens it, as it opens our pages: a credential that makes credentials would never end. What
//! changes something shows that it comes from a page that may, as at `/session`; what makes a value needs a fresh proof, too.

pub(crate) mod account_secret;
pub(crate) mod create_token;
mod id;
mod last_use;
pub(crate) mod list_tokens;
mod members;
mod owner;
pub(crate) mod refresh_token;
pub(crate) mod revoke_token;
pub(crate) mod roll_token;
mod view;

use serde_json::json;
use tokenry_engine::{PatError, Refusal};

use crate::problem::{Failure, Fault};

/// What went wrong with a token, as a problem.
impl From<PatError> for Failure {
    fn from(error: PatError) -> Self {
        match error {
            PatError::Barred => Fault::SessionRequired.into(),
            PatError::Conflict | PatError::SentBefore => Fault::Conflict.into(),
            PatError::Invalid { field, problem } => invalid(field, &problem),
            PatError::NotFound => Fault::NotFound.into(),
            PatError::Store(error) => Refusal::from(error).into(),
            PatError::TooMany => Fault::TooManyTokens.into(),
            PatError::TooOften { retry_after } => Self::from(Fault::TooManyChanges).until(retry_after),
        }
    }
}

/// The body is good JSON, and this member of it cannot be taken.
fn invalid(member: &str, problem: &str) -> Failure {
    Failure::from(Fault::MemberInvalid).with("errors", json!([{ "member": member, "problem": problem }]))
}
