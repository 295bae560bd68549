//! The Timesheets API, called with a user's access token.

use reqwest::{RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The Timesheets API.
#[derive(Debug)]
pub struct Api {
    http: reqwest::Client,
    url: Url,
}

/// Who the API takes the user for.
#[derive(Debug, Deserialize)]
pub struct Whoami {
    /// The id of the company that the token is for.
    pub company: String,
    scopes: Vec<String>,
}

impl Whoami {
    /// Whether the user may do it. The API decides again at every request: this is only for what pages offer.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// A timesheet, as the API shows it.
#[derive(Debug, Deserialize)]
pub struct Timesheet {
    /// Names it.
    pub id: String,
    /// Whose it is.
    pub employee: String,
    /// The ISO week, `2026-W47`.
    pub week: String,
    /// Hours in that week.
    pub hours: f64,
    /// RFC 3339; `None` until somebody approves.
    pub approved_at: Option<String>,
}

/// A timesheet as a form sends it. The API judges it.
#[derive(Debug, Deserialize, Serialize)]
pub struct NewTimesheet {
    employee: String,
    week: String,
    hours: f64,
}

/// Why the API did not do it.
#[derive(Debug, Error)]
pub enum ApiError {
    /// It does not answer, or not as it should.
    #[error("the API cannot be reached")]
    Away(#[from] reqwest::Error),
    /// In the API's words (RFC 9457).
    #[error("the API answered {status}: {detail}")]
    Refused {
        /// Of the answer.
        status: StatusCode,
        /// Why.
        detail: String,
    },
}

impl ApiError {
    /// The API takes the access token no more, as when a user has taken back what they allowed.
    #[must_use]
    pub fn is_about_the_token(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::UNAUTHORIZED, .. })
    }
}

/// Of problem details the member that is for people.
#[derive(Default, Deserialize)]
struct Refusal {
    detail: Option<String>,
}

impl Api {
    /// The API at `url`.
    #[must_use]
    pub fn new(http: reqwest::Client, url: Url) -> Self {
        Self { http, url }
    }

    /// Who the API takes the holder of the token for.
    ///
    /// # Errors
    /// When the API cannot be reached, or refuses.
    pub async fn whoami(&self, access_token: &str) -> Result<Whoami, ApiError> {
        send(self.http.get(self.path(&["whoami"])), access_token).await
    }

    /// The timesheets that the holder may read.
    ///
    /// # Errors
    /// When the API cannot be reached, or refuses.
    pub async fn list(&self, access_token: &str) -> Result<Vec<Timesheet>, ApiError> {
        send(self.http.get(self.path(&["timesheets"])), access_token).await
    }

    /// Creates a timesheet of `company`.
    ///
    /// # Errors
    /// When the API cannot be reached, or refuses.
    pub async fn create(
        &self,
        access_token: &str,
        company: &str,
        sheet: &NewTimesheet,
    ) -> Result<Timesheet, ApiError> {
        let url = self.path(&["companies", company, "timesheets"]);
        send(self.http.post(url).json(sheet), access_token).await
    }

    /// Approves a timesheet.
    ///
    /// # Errors
    /// When the API cannot be reached, or refuses.
    pub async fn approve(&self, access_token: &str, id: &str) -> Result<Timesheet, ApiError> {
        send(self.http.post(self.path(&["timesheets", id, "approve"])), access_token).await
    }

    fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

async fn send<T: DeserializeOwned>(request: RequestBuilder, access_token: &str) -> Result<T, ApiError> {
    let answer = request.bearer_auth(access_token).send().await?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer.json().await?);
    }
    let refusal: Refusal = answer.json().await.unwrap_or_default();
    let detail = refusal.detail.unwrap_or_else(|| "It gave no reason.".to_owned());
    Err(ApiError::Refused { status, detail })
}
