//! What a page's form does once, however often it is sent: its value is shown in the answer alone, and whoever loads that again
//! sends the form again. So that no second value is made, the transaction that makes the first notes the form.

use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, sha256};
use tokenry_store::PendingRequest;

/// A form that somebody has sent, as it is noted.
#[derive(Clone, Debug)]
pub struct SentForm(PendingRequest);

impl SentForm {
    /// The form with that hidden field, which no other has, and which nobody takes any more at `ends_at`. What is noted of it
    /// makes no form.
    #[must_use]
    pub fn of(field: &str, ends_at: Timestamp) -> Self {
        Self(PendingRequest { id: format!("form {}", base64url::encode(&sha256(field.as_bytes()))), ends_at })
    }
}

impl From<SentForm> for PendingRequest {
    fn from(form: SentForm) -> Self {
        form.0
    }
}
