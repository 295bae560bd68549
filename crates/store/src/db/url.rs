//! Where the database is: `sqlite:PATH` or `postgres://user:password@host/database`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio_postgres::config::{Host, SslMode};

use super::Kind;

/// The address of a database. Shows itself without the password.
#[derive(Clone)]
pub struct DatabaseUrl(Target);

#[derive(Clone)]
pub(super) enum Target {
    Postgres(Box<PostgresTarget>),
    Sqlite(PathBuf),
}

/// A PostgreSQL server, and whom to trust to be it.
#[derive(Clone)]
pub(super) struct PostgresTarget {
    /// Holds the password; its `Debug` does not show it.
    pub(super) config: tokio_postgres::Config,
    /// A file of certificates to trust, in the place of the public authorities.
    pub(super) root_certificates: Option<PathBuf>,
}

/// Why a database URL was refused. Never shows the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// `sqlite::memory:`: every connection would see a database of its own.
    #[error("a SQLite database needs a file: a database in memory cannot be shared between connections")]
    InMemory,
    /// The PostgreSQL part cannot be understood.
    #[error(
        "not a PostgreSQL URL: expected postgres://user:password@host:port/database, with special characters \
         percent-encoded"
    )]
    Postgres,
    /// Another scheme.
    #[error("a database URL begins with `sqlite:` or `postgres://`")]
    Scheme,
    /// The SQLite path is missing or carries parameters.
    #[error(
        "not a SQLite URL: expected sqlite:PATH, as in sqlite:tokenry.db or sqlite:/var/lib/tokenry/tokenry.db"
    )]
    Sqlite,
    /// An `sslmode` that is not offered.
    #[error("sslmode is one of disable, prefer, require, verify-full; require verifies the certificate too")]
    SslMode,
}

impl DatabaseUrl {
    pub(super) fn target(&self) -> &Target {
        &self.0
    }

    /// Whether it is a SQLite file.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Target::Sqlite(_))
    }

    /// The path of a SQLite file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Target::Postgres(_) => None,
            Target::Sqlite(path) => Some(path),
        }
    }

    /// Which engine it is of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.is_sqlite() { Kind::Sqlite } else { Kind::Postgres }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            sqlite(path).map(Target::Sqlite).map(Self)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres(url).map(Box::new).map(Target::Postgres).map(Self)
        } else {
            Err(InvalidUrl::Scheme)
        }
    }
}

fn sqlite(path: &str) -> Result<PathBuf, InvalidUrl> {
    // `sqlite://data.db` is relative to some and has a host to others; `sqlite:///data.db` is clear.
    let ambiguous = path.starts_with("//") && !path.starts_with("///");
    if path.contains(":memory:") {
        Err(InvalidUrl::InMemory)
    } else if ambiguous || path.is_empty() || path.ends_with('/') || path.contains(['?', '\0']) {
        Err(InvalidUrl::Sqlite)
    } else {
        let path = if path.starts_with("///") { &path[2..] } else { path };
        Ok(PathBuf::from(path))
    }
}

/// Takes out what tokio-postgres does not know (`sslrootcert`, `sslmode=verify-full`) and leaves the rest to it.
fn postgres(url: &str) -> Result<PostgresTarget, InvalidUrl> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut root_certificates = None;
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|it| !it.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslrootcert", path)) if !path.is_empty() && !path.contains('%') => {
                root_certificates = Some(PathBuf::from(path));
            }
            Some(("sslrootcert", _)) => return Err(InvalidUrl::Postgres),
            Some(("sslmode", "verify-full")) => kept.push("sslmode=require"),
            Some(("sslmode", mode)) if !["disable", "prefer", "require"].contains(&mode) => {
                return Err(InvalidUrl::SslMode);
            }
            _ => kept.push(parameter),
        }
    }
    let config: tokio_postgres::Config =
        format!("{address}?{}", kept.join("&")).parse().map_err(|_| InvalidUrl::Postgres)?;
    if config.get_hosts().is_empty() || config.get_dbname().is_none() {
        return Err(InvalidUrl::Postgres);
    }
    Ok(PostgresTarget { config, root_certificates })
}

/// The URL without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Postgres(it) => it.fmt(f),
            Target::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Display for PostgresTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (i, host) in self.config.get_hosts().iter().enumerate() {
            f.write_str(if i > 0 { "," } else { "" })?;
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(i).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())?;
        f.write_str(match self.config.get_ssl_mode() {
            SslMode::Disable => "?sslmode=disable",
            SslMode::Require => "?sslmode=require",
            _ => "?sslmode=prefer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url: DatabaseUrl =
            "postgres://app:s%40same@db.example:5433/tokenry?sslmode=verify-full".parse().unwrap();
        for shown in [url.to_string(), format!("{url:?}"), format!("{url:#?}")] {
            assert!(shown.contains("postgres://app@db.example:5433/tokenry?sslmode=require"), "{shown}");
            assert!(!shown.contains("same"), "{shown}");
        }
    }

    #[test]
    fn a_refusal_never_shows_the_url() {
        for url in [
            "postgres://app:sesame",
            "postgres://app:sesame@db/x?sesame=1",
            "postgres://app:sesame@db:port/x",
            "mysql://app:sesame@db/x",
        ] {
            let error = url.parse::<DatabaseUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("ses"), "{error:?}");
        }
    }

    #[test]
    fn every_form_is_read_as_it_is_meant() {
        let path = |url: &str| match url.parse::<DatabaseUrl>().map(|it| it.0) {
            Ok(Target::Sqlite(path)) => Ok(path.display().to_string()),
            Ok(Target::Postgres(_)) => panic!("{url} is no file"),
            Err(error) => Err(error),
        };
        assert_eq!(path("sqlite:a.db").as_deref(), Ok("a.db"));
        assert_eq!(path("sqlite:/var/a.db").as_deref(), Ok("/var/a.db"));
        assert_eq!(path("sqlite:///var/a.db").as_deref(), Ok("/var/a.db"));
        assert_eq!(path("sqlite://a.db"), Err(InvalidUrl::Sqlite));
        assert_eq!(path("sqlite:a.db?mode=ro"), Err(InvalidUrl::Sqlite));
        assert_eq!(path("sqlite:"), Err(InvalidUrl::Sqlite));
        assert_eq!(path("sqlite:dir/"), Err(InvalidUrl::Sqlite));
        assert_eq!(path("sqlite::memory:"), Err(InvalidUrl::InMemory));
        assert_eq!(path("a.db"), Err(InvalidUrl::Scheme));
        assert_eq!(path("postgres://h/d?sslmode=verify-ca"), Err(InvalidUrl::SslMode));
        assert_eq!(path("postgres:///"), Err(InvalidUrl::Postgres));
    }
}
