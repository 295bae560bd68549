//! What a guard knows, on the disk, so that it can start while its authorization server is down.
//!
//! The file's date says up to when it was the truth. For ten minutes after that the issuer waits for the guard; later, or
//! once the guard has signed off, nobody is let in by the file alone.
//!
//! One file an issuer and audience: a line of JSON, the revocations as digests, a checksum against damage. Whoever can
//! write it can write the program's own files, so it is no less trusted than they are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokenry_clock::Timestamp;
use tokenry_jose::sha256;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Link;
use crate::authority::{Authority, Place};
use crate::companies::Directory;
use crate::horizon::is_far_ahead;
use crate::revocations::Entry;

/// Another layout gets another number.
const VERSION: u32 = 2;

/// The line of JSON is cut off at this length.
const MAX_HEAD: u64 = 64 * 1024 * 1024;

/// For how long callers are let in by a file alone: as long as commands wait for a guard that is not heard of.
const BELIEVED_FOR: Duration = Duration::from_secs(600);

/// How many revocations are added to the table at once.
const BATCH: usize = 32_768;

/// Where one issuer's state is kept.
pub(crate) struct StateFile {
    path: PathBuf,
    /// The version that was written last. Held while another is written: of two, the older must not be the last.
    written: Mutex<u64>,
    /// Up to when all is known, in milliseconds since the Unix epoch.
    known: AtomicI64,
}

/// The first line.
#[derive(Deserialize, Serialize)]
struct Head {
    version: u32,
    issuer: String,
    audience: String,
    /// Everything up to this event is in it; later ones may be.
    seq: i64,
    tag: String,
    /// What may be missing of the revocations, in milliseconds since the Unix epoch.
    horizon: i64,
    jwks: Value,
    corporations: BTreeMap<String, Vec<String>>,
    disabled_companies: Vec<String>,
}

/// How long a revocation is, and the checksum.
const ENTRY_LEN: u64 = 24;
const SUM_LEN: u64 = 4;

impl StateFile {
    pub(crate) fn new(folder: &Path, issuer: &str, audience: &str) -> Self {
        let digest = sha256(format!("{issuer}\n{audience}").as_bytes());
        let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("tokenry-guard-{name}.state"));
        Self { path, written: Mutex::new(0), known: AtomicI64::new(0) }
    }

    /// Notes up to when all is known.
    pub(crate) fn learn(&self, through: Timestamp) {
        self.known.store(through.as_millis(), Ordering::Release);
    }

    /// Gives the file the date up to which all is known.
    fn set_date(&self) -> io::Result<()> {
        File::options().write(true).open(&self.path)?.set_modified(self.date())
    }

    fn date(&self) -> SystemTime {
        let since = Duration::from_millis(self.known.load(Ordering::Acquire).try_into().unwrap_or(0));
        SystemTime::UNIX_EPOCH + since
    }

    /// Reads the file into the authority, if there is one that is whole and meant.
    pub(crate) fn load(&mut self, authority: &Authority, audience: &str, now: Timestamp) {
        self.remove_leftovers();
        match self.read(authority, audience, now) {
            Ok(seq) => {
                *self.written.get_mut() = authority.version();
                authority.set_outdated(!self.is_believed(now));
                info!(issuer = authority.issuer, seq, "what was known before the restart is loaded");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                let path = self.path.display();
                warn!(issuer = authority.issuer, %path, %error, "the state file is of no use and ignored");
            }
        }
    }

    fn is_believed(&self, now: Timestamp) -> bool {
        let known = Timestamp::from_millis(self.known.load(Ordering::Acquire));
        known.minus(BELIEVED_FOR) <= now && now <= known.plus(BELIEVED_FOR)
    }

    fn read(&self, authority: &Authority, audience: &str, now: Timestamp) -> io::Result<i64> {
        // Twice through the file: nothing of a damaged one is believed, and nothing is held but a piece. It is opened
        // once, because another process may put a new one in its place meanwhile.
        let mut file = File::open(&self.path)?;
        let len = verify(&mut file)?;
        file.rewind()?;
        let date = file.metadata()?.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.learn(Timestamp::EPOCH.plus(date));
        let mut file = BufReader::new(file);
        let (head, head_len) = head(&mut file)?;
        if (head.version, &*head.issuer, &*head.audience) != (VERSION, &*authority.issuer, audience) {
            return Err(invalid("it is of another version, issuer or audience"));
        }
        let horizon = Timestamp::from_millis(head.horizon);
        if is_far_ahead(horizon, now) {
            return Err(invalid("the clock is far behind the one by which it was written"));
        }
        authority.revocations.horizon.advance(horizon);
        let entries_len = len.saturating_sub(head_len);
        if !entries_len.is_multiple_of(ENTRY_LEN) {
            return Err(invalid("it ends within a revocation"));
        }
        let mut left = entries_len / ENTRY_LEN;
        while left > 0 {
            let take = left.min(BATCH as u64);
            let entries: io::Result<Vec<_>> = (0..take).map(|_| entry(&mut file)).collect();
            if authority.revoke(entries?, now).is_err() {
                authority.revocations.set_overflowing(true);
            }
            left -= take;
        }
        authority.announce_keys(&head.jwks);
        authority.replace_companies(Directory::new(head.corporations, head.disabled_companies));
        authority.set_applied(Place { seq: head.seq, tag: head.tag });
        Ok(head.seq)
    }

    /// Writes a new file in place of the old one.
    fn write(&self, authority: &Authority, audience: &str) -> io::Result<()> {
        // First the place: what is read after it holds at least that much.
        let Place { seq, tag } = authority.applied();
        let horizon = authority.revocations.horizon.at();
        let (Some(keys), Some(directory)) = (authority.keys.current(), authority.companies.current()) else {
            return Ok(());
        };
        let corporations = directory.corporations().into_iter();
        let head = Head {
            version: VERSION,
            issuer: authority.issuer.clone(),
            audience: audience.to_owned(),
            seq,
            tag,
            horizon: horizon.as_millis(),
            jwks: serde_json::from_str(&keys.published())?,
            corporations: corporations.map(|(id, companies)| (id.to_owned(), companies.to_vec())).collect(),
            disabled_companies: directory.disabled().map(str::to_owned).collect(),
        };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        // Only its owner may read such a file.
        let new = tempfile::Builder::new().prefix(&self.new_prefix()).tempfile_in(folder)?;
        let mut file = Summed { inner: BufWriter::new(new), sum: crc32fast::Hasher::new() };
        serde_json::to_writer(&mut file, &head)?;
        file.write_all(b"\n")?;
        authority.revocations.entries().try_for_each(|entry| file.write_all(&entry.to_bytes()))?;
        if authority.revocations.horizon.is_far_ahead_of(horizon) {
            return Err(invalid("the clock was set while it was written"));
        }
        let Summed { mut inner, sum } = file;
        inner.write_all(&sum.finalize().to_le_bytes())?;
        let file = inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().set_modified(self.date())?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

impl StateFile {
    /// What the names of files begin with that are being written.
    fn new_prefix(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}.new-")
    }

    /// Removes what processes left behind that were killed while they wrote. Another's file of this minute stays.
    fn remove_leftovers(&self) {
        let entries = self.path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        let prefix = self.new_prefix();
        for entry in entries.into_iter().flatten().flatten() {
            let written = entry.metadata().and_then(|file| file.modified());
            let is_old = written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > BELIEVED_FOR));
            if is_old && entry.file_name().to_string_lossy().starts_with(&prefix) {
                // It is in nobody's way.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

impl Link {
    /// Writes the file, if there is to be one and something changed.
    pub(super) async fn keep_state(self: &Link) {
        let Some(file) = &self.file else {
            return;
        };
        if let Some(age) = self.authority.freshness.age(Instant::now()) {
            file.learn(self.clock.now().minus(age));
        }
        if !self.authority.has_snapshot() {
            return;
        }
        let mut written = file.written.lock().await;
        let version = self.authority.version();
        if *written == version {
            self.say_if_failed(file, file.set_date());
            return;
        }
        let (writer, authority) = (Arc::clone(file), Arc::clone(&self.authority));
        let audience = self.audience.clone();
        let done = tokio::task::spawn_blocking(move || writer.write(&authority, &audience)).await;
        let done = done.map_err(io::Error::other).flatten();
        if done.is_ok() {
            *written = version;
        }
        self.say_if_failed(file, done);
    }

    /// Lets nobody in by the file alone any more: no command waits for this guard from now on.
    pub(super) fn forsake_state(&self) {
        if let Some(file) = &self.file {
            file.learn(Timestamp::EPOCH);
            self.say_if_failed(file, file.set_date());
        }
    }

    fn say_if_failed(&self, file: &StateFile, done: io::Result<()>) {
        if let Err(error) = done {
            let path = file.path.display();
            warn!(issuer = self.remote.identifier, %path, %error, "the state cannot be kept");
        }
    }
}

/// Compares the checksum at the end with what stands before it; returns how long that is.
fn verify(file: &mut File) -> io::Result<u64> {
    let len = file.metadata()?.len().checked_sub(SUM_LEN).ok_or_else(|| invalid("it is too short"))?;
    let mut file = BufReader::new(file);
    let mut sum = Summed { inner: io::sink(), sum: crc32fast::Hasher::new() };
    io::copy(&mut (&mut file).take(len), &mut sum)?;
    let mut expected = [0; 4];
    file.read_exact(&mut expected)?;
    if sum.sum.finalize().to_le_bytes() == expected { Ok(len) } else { Err(invalid("its checksum is wrong")) }
}

/// The first line, and how long it is.
fn head(file: &mut impl BufRead) -> io::Result<(Head, u64)> {
    let mut line = Vec::new();
    let len = file.take(MAX_HEAD).read_until(b'\n', &mut line)?;
    Ok((serde_json::from_slice(&line)?, len as u64))
}

fn entry(file: &mut impl Read) -> io::Result<Entry> {
    let mut bytes = [0; ENTRY_LEN as usize];
    file.read_exact(&mut bytes)?;
    Ok(Entry::from_bytes(bytes))
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Sums up what passes through.
struct Summed<W> {
    inner: W,
    sum: crc32fast::Hasher,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
