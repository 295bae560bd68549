//! An authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), once it is known where errors go.

use super::claims::{self, ClaimsRequest};
use super::pkce::CodeChallenge;
use super::prompt::Prompt;
use super::recipient::is_state;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::token::target;

/// The longest `nonce`, in bytes.
pub const MAX_NONCE: usize = 512;
/// The longest `login_hint`, in bytes: as long as an e-mail address may be.
pub const MAX_HINT: usize = 320;
/// The longest `id_token_hint`, in bytes.
pub const MAX_TOKEN_HINT: usize = 4_096;
/// The longest list of words: `ui_locales`, `acr_values`.
pub const MAX_WORDS: usize = 256;

/// How the client would like our pages to look. They look the same everywhere; a wrong word is told all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Display {
    /// In a full page.
    Page,
    /// In a small window.
    Popup,
    /// On a device with touch.
    Touch,
    /// On a feature phone.
    Wap,
}

/// A well-formed authorization request. Whether the client may have what it asks for is not known yet.
#[derive(Clone, Debug)]
pub struct Request {
    /// The API that the tokens are for, from `audience` or `resource` (RFC 8707 §2).
    pub target: Option<String>,
    /// What is asked for; `None` is everything that the client may have.
    pub scope: Option<Scope>,
    /// What the ID token repeats.
    pub nonce: Option<String>,
    /// What whoever redeems the code must know the verifier of.
    pub code_challenge: Option<CodeChallenge>,
    /// What the user must, or must not, be shown.
    pub prompt: Prompt,
    /// The longest time since the user signed in, in seconds.
    pub max_age: Option<u32>,
    /// Who it probably is.
    pub login_hint: Option<String>,
    /// An ID token of whom it must be: a bearer of personal data, so it is shown nowhere.
    pub id_token_hint: Option<Secret>,
    /// Which languages the user reads, best first.
    pub ui_locales: Vec<String>,
    /// Which ways of signing in the client would like; voluntary (§5.5.1.1).
    pub acr_values: Vec<String>,
    /// How our pages should look.
    pub display: Option<Display>,
    /// Which claims the client would like.
    pub claims: ClaimsRequest,
}

impl Request {
    /// Reads the parameters. None of the errors is about client or redirect URI, so each may go back to the client.
    ///
    /// # Errors
    /// - `request_not_supported`, `request_uri_not_supported`, `registration_not_supported` for parameters of those names;
    /// - `unsupported_response_type` for another than `code`;
    /// - `invalid_target`, `invalid_scope` for what their names say;
    /// - `invalid_request` for anything else that is missing, malformed, or too long.
    pub fn parse(params: &Params) -> Result<Self, Error> {
        refuse_foreign(params)?;
        match params.get("response_type") {
            Some("code") => {}
            Some(_) => {
                return Err(Error::new(ErrorCode::UnsupportedResponseType, "The response_type must be code"));
            }
            None => {
                let text = "The parameter response_type is missing";
                return Err(invalid(text).with_missing("response_type"));
            }
        }
        if !matches!(params.get("response_mode"), None | Some("form_post" | "query")) {
            return Err(invalid("The response_mode must be query or form_post"));
        }
        if params.get("state").is_some_and(|state| !is_state(state)) {
            return Err(invalid("The parameter state must be at most 2048 printable ASCII characters"));
        }
        let scope = params.get("scope").map(Scope::parse).transpose();
        Ok(Self {
            target: target(params)?,
            scope: scope.map_err(|_malformed| {
                Error::new(ErrorCode::InvalidScope, "The parameter scope is malformed")
            })?,
            nonce: text(params, "nonce", MAX_NONCE)?,
            code_challenge: CodeChallenge::of(params)?,
            prompt: prompt(params)?,
            max_age: max_age(params)?,
            login_hint: text(params, "login_hint", MAX_HINT)?,
            id_token_hint: text(params, "id_token_hint", MAX_TOKEN_HINT)?.map(Secret::new),
            ui_locales: words(params, "ui_locales")?,
            acr_values: words(params, "acr_values")?,
            display: display(params)?,
            claims: claims::of(params)?,
        })
    }
}

/// What could say something else than the parameters do must not be passed over (OpenID Connect Core §3.1.2.6).
fn refuse_foreign(params: &Params) -> Result<(), Error> {
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if params.get(name).is_some() {
            return Err(Error::new(code, format!("The parameter {name} is not supported")));
        }
    }
    Ok(())
}

fn prompt(params: &Params) -> Result<Prompt, Error> {
    match params.get("prompt").map(str::parse) {
        None => Ok(Prompt::default()),
        Some(Ok(prompt)) => Ok(prompt),
        Some(Err(_malformed)) => Err(invalid(
            "The parameter prompt must be none alone, or some of consent, login and select_account",
        )),
    }
}

/// Digits alone: `+5`, which Rust would read, is no number of seconds.
fn max_age(params: &Params) -> Result<Option<u32>, Error> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if digits => Ok(Some(seconds)),
        _ => Err(invalid("The parameter max_age must be a number of seconds")),
    }
}

fn display(params: &Params) -> Result<Option<Display>, Error> {
    Ok(Some(match params.get("display") {
        None => return Ok(None),
        Some("page") => Display::Page,
        Some("popup") => Display::Popup,
        Some("touch") => Display::Touch,
        Some("wap") => Display::Wap,
        Some(_) => return Err(invalid("The parameter display must be page, popup, touch or wap")),
    }))
}

fn words(params: &Params, name: &'static str) -> Result<Vec<String>, Error> {
    let text = text(params, name, MAX_WORDS)?.unwrap_or_default();
    Ok(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

fn text(params: &Params, name: &'static str, longest: usize) -> Result<Option<String>, Error> {
    match params.get(name) {
        Some(value) if value.len() > longest => {
            Err(invalid_owned(format!("The parameter {name} is too long")))
        }
        Some(value) if value.chars().any(char::is_control) => {
            Err(invalid_owned(format!("The parameter {name} has control characters")))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}

fn invalid_owned(description: String) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}
