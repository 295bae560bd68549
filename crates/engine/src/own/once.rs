//! What a page's form does once, however often it is sent: its value is shown in the answer alone, and whoever loads that again
//! sends the form again. So that no second value is made, the transaction that makes the first notes the form.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, sha256};
use tokenry_protocol::secret::Secret;
use tokenry_store::{Announced, PendingRequest};

use super::{AccountSecretError, IssuedPat, NewPat, PatError};
use crate::context::Context;
use crate::engine::Engine;
use crate::session::FreshUser;

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

impl Engine {
    /// As [`Engine::create_pat`], once for a form.
    ///
    /// # Errors
    /// As that, and [`PatError::SentBefore`].
    pub async fn create_pat_once(
        &self,
        current: &FreshUser,
        new: NewPat,
        form: SentForm,
        context: &Context,
    ) -> Result<IssuedPat, PatError> {
        self.create_pat_by(current, new, Some(form.0), context).await
    }

    /// As [`Engine::refresh_pat`], or, with an overlap, as [`Engine::roll_pat`], once for a form.
    ///
    /// # Errors
    /// As those, and [`PatError::SentBefore`].
    pub async fn replace_pat_once(
        &self,
        current: &FreshUser,
        id: &str,
        overlap: Option<Duration>,
        form: SentForm,
        context: &Context,
    ) -> Result<(IssuedPat, Announced), PatError> {
        self.replace_pat_by(current, id, overlap, Some(form.0), context).await
    }

    /// As [`Engine::rotate_account_secret`], once for a form.
    ///
    /// # Errors
    /// As that, and [`AccountSecretError::SentBefore`].
    pub async fn rotate_account_secret_once(
        &self,
        current: &FreshUser,
        overlap: Option<Duration>,
        form: SentForm,
        context: &Context,
    ) -> Result<(Secret, Announced), AccountSecretError> {
        self.rotate_account_secret_by(current, overlap, Some(form.0), context).await
    }
}
