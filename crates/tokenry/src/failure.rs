//! How a command fails: a sentence for the person at the terminal, and an exit code for the script.

use std::fmt::{self, Display, Formatter};
use std::io::ErrorKind;

use clap::ValueEnum;
use tokenry_engine::keyring::KeyringError;
use tokenry_engine::manage;

use crate::config::ConfigError;

/// Exit codes, which scripts may rely on. That clap knows the variants is for the page that lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Code {
    /// It failed, and nothing below says it better.
    Failure = 1,
    /// The command line, the configuration or a value is wrong; asking again helps only if it is changed.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 4,
    /// What is there stands in the way: it exists already, is in use, or is locked by another process.
    Conflict = 5,
}

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    error: anyhow::Error,
    hint: Option<String>,
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure that says what went wrong.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, error: anyhow::Error::msg(message.into()), hint: None }
    }

    /// What went wrong, without what to do about it.
    pub(crate) fn message(&self) -> String {
        format!("{:#}", self.error)
    }

    /// What to do about it, where that is known.
    pub(crate) fn hinted(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "error: {:#}", self.error)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { code: Code::Failure, error, hint: None }
    }
}

impl From<manage::Error> for Failure {
    fn from(error: manage::Error) -> Self {
        let code = match &error {
            manage::Error::Exists(_)
            | manage::Error::InUse { .. }
            | manage::Error::ScopeInUse { .. }
            | manage::Error::TooManySecrets { .. } => Code::Conflict,
            manage::Error::Invalid { .. } => Code::Usage,
            manage::Error::NotFound(_) => Code::NotFound,
            manage::Error::Store(_) => Code::Failure,
        };
        Self { code, error: error.into(), hint: None }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = match &error {
            ConfigError::Read { path, source, .. } if source.kind() == ErrorKind::NotFound => {
                Some(format!("`tokenry init --config {path}` writes one"))
            }
            _ => None,
        };
        Self { code: Code::Usage, error: anyhow::Error::msg(error.to_string()), hint }
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        anyhow::Error::from(error).into()
    }
}
