//! `pg_dump` and `pg_restore`: found on the PATH, told in their environment where the database is, and its password.

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tokio_postgres::config::{Host, SslMode};

use crate::db::url::PostgresTarget;
use crate::db::{Error, Result};

/// What else in our environment would lead them elsewhere.
const OTHERS: [&str; 18] = [
    "PGCHANNELBINDING",
    "PGGSSENCMODE",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSFILE",
    "PGPASSWORD",
    "PGPORT",
    "PGREQUIREAUTH",
    "PGREQUIRESSL",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGSSLCERT",
    "PGSSLCRL",
    "PGSSLKEY",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGSYSCONFDIR",
    "PGUSER",
];

/// How to call PostgreSQL's own programs for one database.
pub(super) struct Programs {
    /// Where the database is, in libpq's words: holds the password, which must stand in no argument.
    environment: Vec<(&'static str, String)>,
}

impl Programs {
    pub(super) fn of(target: &PostgresTarget) -> Self {
        let config = &target.config;
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        };
        let list = |items: Vec<String>| items.join(",");
        let mut environment = vec![
            ("PGHOST", list(config.get_hosts().iter().map(host).collect())),
            ("PGDATABASE", config.get_dbname().unwrap_or_default().to_owned()),
            // Never a standby that lags.
            ("PGTARGETSESSIONATTRS", "read-write".to_owned()),
            ("PGCONNECT_TIMEOUT", "10".to_owned()),
            ("PGAPPNAME", "tokenry-backup".to_owned()),
        ];
        let ports: Vec<_> = config.get_ports().iter().map(ToString::to_string).collect();
        // The port that the connection beside them takes.
        environment.push(("PGPORT", if ports.is_empty() { "5432".to_owned() } else { list(ports) }));
        environment.extend(config.get_user().map(|user| ("PGUSER", user.to_owned())));
        let password = config.get_password().map(|it| String::from_utf8_lossy(it).into_owned());
        environment.extend(password.map(|password| ("PGPASSWORD", password)));
        environment.extend(tls(target));
        Self { environment }
    }

    /// Writes what `snapshot` shows to `file`, and lists it again.
    pub(super) fn dump(&self, server: i64, snapshot: &str, file: &Path) -> Result<()> {
        let program = "pg_dump";
        let version = version(program)?;
        if version < server {
            return Err(Error::Program(format!(
                "{program} is of version {version}, the server of {server}: it needs one as new as the server \
                 (Debian: apt-get install postgresql-client-{server}), first on the PATH"
            )));
        }
        let mut dump = self.command(program);
        dump.args(["--format=custom", "--no-owner", "--no-privileges", "--no-publications"]);
        dump.args(["--no-subscriptions", "--no-password"]).arg(format!("--snapshot={snapshot}"));
        dump.arg("--file").arg(file);
        succeeded(program, dump.output())?;
        let listed = succeeded("pg_restore", self.command("pg_restore").arg("--list").arg(file).output())?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let is_ours =
            |line: &str| line.contains(" TABLE DATA ") && line.split(' ').any(|word| word == "schema");
        if listed.lines().any(is_ours) {
            Ok(())
        } else {
            Err(Error::Program(format!("what {program} wrote lacks the tables")))
        }
    }

    /// Feeds what `dump` writes to `pg_restore`, in one transaction.
    pub(super) fn restore(&self, dump: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let program = "pg_restore";
        let mut restore = self.command(program);
        restore.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
        // Which one is said in the environment, like all the rest.
        restore.args(["--no-password", "--dbname="]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child =
            restore.stderr(Stdio::piped()).spawn().map_err(|error| cannot_run(program, &error))?;
        let fed = match child.stdin.take() {
            Some(stdin) => dump(&mut Willing(stdin)),
            None => Err(Error::Aborted),
        };
        if fed.is_err() {
            // Half of a dump must not be committed, whatever the program makes of it.
            let _gone = child.kill();
        }
        let ended = child.wait_with_output();
        fed?;
        succeeded(program, ended).map(drop)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for other in OTHERS {
            command.env_remove(other);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

/// Whoever we trust to be the server, they are to trust, and nobody else.
fn tls(target: &PostgresTarget) -> Vec<(&'static str, String)> {
    let roots = match &target.root_certificates {
        Some(path) => path.display().to_string(),
        None => "system".to_owned(),
    };
    match target.config.get_ssl_mode() {
        SslMode::Disable => vec![("PGSSLMODE", "disable".to_owned())],
        SslMode::Require => vec![("PGSSLMODE", "verify-full".to_owned()), ("PGSSLROOTCERT", roots)],
        _ => vec![("PGSSLMODE", "prefer".to_owned())],
    }
}

/// A pipe whose reader may have seen enough.
struct Willing<W>(W);

impl<W: Write> Write for Willing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The major version of a program: `pg_dump (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)`.
fn version(program: &str) -> Result<i64> {
    let said = succeeded(program, Command::new(program).arg("--version").stdin(Stdio::null()).output())?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let number = said.split_once("(PostgreSQL) ").map(|(_name, number)| number);
    let major = number.and_then(|number| number.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok());
    major.ok_or_else(|| Error::Program(format!("{program} does not say its version: {}", said.trim())))
}

/// What a program printed, if it succeeded; else the first thing that it complained of. What follows may show rows.
fn succeeded(program: &str, ended: io::Result<Output>) -> Result<Output> {
    let ended = ended.map_err(|error| cannot_run(program, &error))?;
    if ended.status.success() {
        return Ok(ended);
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let complaint = said.lines().find(|line| line.contains("error")).or(said.lines().next());
    Err(Error::Program(format!("{program} failed: {}", complaint.unwrap_or("it does not say why"))))
}

fn cannot_run(program: &str, error: &io::Error) -> Error {
    Error::Program(match error.kind() {
        ErrorKind::NotFound => format!(
            "{program} was not found on the PATH: backups of PostgreSQL are made and restored with its own programs \
             (Debian: apt-get install postgresql-client)"
        ),
        _ => format!("{program} cannot be run: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DatabaseUrl;
    use crate::db::url::Target;

    fn programs(url: &str) -> Programs {
        let url: DatabaseUrl = url.parse().unwrap();
        match url.target() {
            Target::Postgres(target) => Programs::of(target),
            Target::Sqlite(_) => panic!("no server"),
        }
    }

    #[test]
    fn leak_04_the_password_stands_in_no_argument() {
        let programs =
            programs("postgres://app:s%40same@a.example:5433,b.example:5434/tokenry?sslmode=require");
        let command = programs.command("pg_dump");
        assert!(command.get_args().next().is_none());
        let value = |name: &str| {
            let of_name = command.get_envs().find(|(own, _value)| *own == name);
            of_name.and_then(|(_name, value)| value).map(|it| it.to_string_lossy().into_owned())
        };
        assert_eq!(value("PGPASSWORD").as_deref(), Some("s@same"));
        assert_eq!(value("PGHOST").as_deref(), Some("a.example,b.example"));
        assert_eq!(value("PGPORT").as_deref(), Some("5433,5434"));
        assert_eq!(value("PGSSLMODE").as_deref(), Some("verify-full"));
        assert_eq!(value("PGSSLROOTCERT").as_deref(), Some("system"));
        assert_eq!(value("PGPASSFILE"), None);
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = version("pg_dump_that_nobody_has").unwrap_err().to_string();
        assert!(
            error.contains("was not found on the PATH") && error.contains("postgresql-client"),
            "{error}"
        );
        assert!(version("pg_dump").unwrap() > 9);
    }
}
