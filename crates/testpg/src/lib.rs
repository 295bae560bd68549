//! A PostgreSQL server for tests, and a fresh database for each of them. Depends on nothing, ours or not.
//!
//! The server is the one that `TOKENRY_TEST_POSTGRES` points to (`cargo xtask test` starts it), or else one that this
//! process starts from the installed binaries and that ends with it, however it ends.

mod database;
mod install;
mod server;

use std::fmt;
use std::sync::OnceLock;

pub use database::{Building, Database, Template, execute, template};
pub use server::{Durability, Server};

/// The environment variable that holds the URL of a running server's superuser.
pub const VARIABLE: &str = "TOKENRY_TEST_POSTGRES";

/// Why the tests have no PostgreSQL: a sentence for the person at the terminal.
#[derive(Clone, Debug)]
pub struct Error(String);

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl Error {
    fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// The URL of the server that tests share, as its superuser.
pub fn url() -> Result<&'static str> {
    static SHARED: OnceLock<Result<Shared>> = OnceLock::new();
    match SHARED.get_or_init(shared) {
        Ok(Shared::Given(url)) => Ok(url),
        Ok(Shared::Ours(server)) => Ok(server.url()),
        Err(error) => Err(error.clone()),
    }
}

enum Shared {
    Given(String),
    /// Never dropped: the server notices when this process has ended.
    Ours(Server),
}

fn shared() -> Result<Shared> {
    #[expect(clippy::disallowed_methods, reason = "how `cargo xtask test` tells; no setting of Tokenry")]
    let given = std::env::var(VARIABLE);
    match given {
        Ok(url) if !url.is_empty() => Ok(Shared::Given(url)),
        _ => Server::start().map(Shared::Ours),
    }
}
