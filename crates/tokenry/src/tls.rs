//! The certificate that `[tls]` names: read, checked, and read again when its files change.
//!
//! 1. Every two seconds the two files are looked at. When they have changed and then stayed as they are for one look,
//!    so that nobody is in the middle of writing them, they are read; at SIGHUP at once.
//! 2. A pair that can be served is presented from the next handshake on. Connections go on with what they began with.
//! 3. A pair that cannot is told of, once, and the old one stays.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use tokenry_server::serve::{Certificate, Tls};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use url::Url;
use zeroize::Zeroizing;

use crate::config::{Config, Tls as Files};
use crate::failure::{Code, Failure, Result};
use crate::host::refuse_open_to_others;
use crate::supervisor;

const LOOK: Duration = Duration::from_secs(2);

/// The configured certificate; `None` where none is configured.
pub(crate) fn certificate(config: &Config) -> Result<Option<Certificate>> {
    let files = &config.tls;
    let missing = |key: &str, other: &str| {
        let text = format!("{key}: it is missing, and {other} is there; TLS needs both");
        Err(Failure::new(Code::Usage, text))
    };
    match (files.cert == Path::new(""), files.key == Path::new("")) {
        (true, true) => return Ok(None),
        (true, false) => return missing("tls.cert", "tls.key"),
        (false, true) => return missing("tls.key", "tls.cert"),
        (false, false) => {}
    }
    read(files).map(Some)
}

/// The issuer's host, if the certificate is not for it: right only behind a proxy that speaks TLS to this server.
pub(crate) fn foreign_host(config: &Config, certificate: &Certificate) -> Option<String> {
    let host = issuer_host(config)?;
    (!certificate.is_for(&host)).then_some(host)
}

/// The host that clients ask for.
pub(crate) fn issuer_host(config: &Config) -> Option<String> {
    let url = Url::parse(&config.issuer).ok()?;
    Some(url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned())
}

fn read(files: &Files) -> Result<Certificate> {
    let invalid = |key: &str, file: &Path, why: String| {
        Failure::new(Code::Usage, format!("{key}: {}: {why}", file.display()))
    };
    let chain = fs::read(&files.cert).map_err(|error| invalid("tls.cert", &files.cert, error.to_string()))?;
    refuse_open_to_others("the private key", &files.key)?;
    let key = fs::read(&files.key)
        .map(Zeroizing::new)
        .map_err(|error| invalid("tls.key", &files.key, error.to_string()))?;
    Certificate::parse(&chain, &key).map_err(|error| match error.is_of_the_key() {
        true => invalid("tls.key", &files.key, error.to_string()),
        false => invalid("tls.cert", &files.cert, error.to_string()),
    })
}

/// The certificate of a running server, as fresh as its files.
pub(crate) struct Fresh {
    config: Config,
    /// What the files were before those that are served were read.
    served: Stamp,
    tls: Option<Tls>,
}

impl Fresh {
    /// Reads what the configuration names, if it names any.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let served = Stamp::of(&config.tls);
        let tls = certificate(config)?.map(|certificate| {
            warn_if_foreign(config, &certificate);
            Tls::new(certificate)
        });
        Ok(Self { config: config.clone(), served, tls })
    }

    /// What serves it.
    pub(crate) fn tls(&self) -> Option<Tls> {
        self.tls.clone()
    }

    /// Keeps it fresh for as long as it is polled. When this returns, SIGHUP no longer ends the process.
    pub(crate) fn keep(mut self) -> impl Future<Output = ()> + Send {
        let mut hangups = Hangups(signal(SignalKind::hangup()).ok());
        async move {
            let mut looks = interval(LOOK);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut seen = self.served.clone();
            loop {
                tokio::select! {
                    () = hangups.next() => {
                        supervisor::reloading();
                        seen = Stamp::of(&self.config.tls);
                        self.reload(&seen);
                        supervisor::ready();
                    }
                    _ = looks.tick(), if self.tls.is_some() => {
                        let before = std::mem::replace(&mut seen, Stamp::of(&self.config.tls));
                        if seen == before && seen != self.served {
                            self.reload(&seen);
                        }
                    }
                }
            }
        }
    }

    fn reload(&mut self, seen: &Stamp) {
        self.served.clone_from(seen);
        let Some(tls) = &self.tls else {
            tracing::info!("nothing to read again: there is no [tls], and the rest is read at the start");
            return;
        };
        match certificate(&self.config) {
            Ok(Some(certificate)) => {
                warn_if_foreign(&self.config, &certificate);
                tls.replace(certificate);
                tracing::info!("the certificate was read again");
            }
            Ok(None) => {}
            Err(failure) => {
                tracing::error!(%failure, "the new certificate cannot be served; the old one stays");
            }
        }
    }
}

fn warn_if_foreign(config: &Config, certificate: &Certificate) {
    if let Some(host) = foreign_host(config, certificate) {
        tracing::warn!(
            host,
            "the certificate is not for the issuer's host: clients that ask for it there refuse it"
        );
    }
}

/// SIGHUP; never, where it cannot be heard.
struct Hangups(Option<Signal>);

impl Hangups {
    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Which files there are and when they last changed, links followed; errors are a state like any other.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stamp([std::result::Result<[i64; 6], io::ErrorKind>; 2]);

impl Stamp {
    fn of(files: &Files) -> Self {
        Self([&files.cert, &files.key].map(|file| {
            let found = fs::metadata(file).map_err(|error| error.kind())?;
            let size = i64::try_from(found.size()).unwrap_or(i64::MAX);
            let inode = found.ino().cast_signed();
            // The time of change too: a file that is moved here may have been written long ago.
            Ok([inode, size, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()])
        }))
    }
}
