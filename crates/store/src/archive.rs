//! The file that a backup is: what it holds, the copy of the database, and a digest over all of it.
//!
//! ```text
//! "tokenry backup 1\n"      17 bytes
//! length of the manifest     4 bytes, the highest first
//! manifest                   JSON
//! payload                    as many bytes as the manifest says
//! digest                     32 bytes, SHA-256 of everything before it
//! ```
//!
//! A reader believes nothing before it has come to the end: whoever wants to act on a payload reads the file twice, and gets
//! the last of it only if it is the same.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::db::Kind;

/// What every backup begins with.
const MAGIC: &[u8; 17] = b"tokenry backup 1\n";
/// What every backup begins with, whatever its format.
const FAMILY: &[u8; 15] = b"tokenry backup ";
/// More than any manifest.
const MAX_MANIFEST: u32 = 64 * 1024;
const DIGEST: usize = 32;
const CHUNK: usize = 64 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// Which engine the payload is for: a SQLite file, or what `pg_restore` reads.
    pub engine: Kind,
    /// The version of its schema.
    pub schema: i64,
    /// The least version that a binary must know to use it.
    pub oldest_compatible: i64,
    /// When it was begun, in milliseconds since the epoch: what was committed before is in it.
    pub created_at: i64,
    /// The tokenry that made it.
    pub tokenry: String,
    /// The value that only the database's keyring opens, in base64url; `None` if it never had a keyring.
    pub keyring_check: Option<String>,
    /// How many clients it holds.
    pub clients: i64,
    /// The place of the last audit record.
    pub audit_seq: i64,
    /// The number of the last checkpoint of the audit trail.
    pub checkpoint: i64,
    /// How long the payload is, in bytes.
    pub payload: u64,
}

/// Why a file is not taken for a backup.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It was another when it was read before.
    #[error("the backup changed while it was read")]
    Changed,
    /// A later tokenry made it.
    #[error("it is a backup in a format that this tokenry does not know: run a newer one")]
    Format,
    /// It, or what its payload goes to, cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("it is not a backup made by `tokenry backup`")]
    Other,
    /// It is not as it was written.
    #[error("the backup is damaged: it is not what was written")]
    Damaged,
    /// Its end is missing.
    #[error("the backup is cut off: its end is missing")]
    Truncated,
}

/// Writes a backup and yields its digest.
///
/// # Errors
/// When it cannot be written, or the payload is not as long as the manifest says.
pub fn write(
    out: &mut dyn Write,
    manifest: &Manifest,
    payload: &mut dyn Read,
) -> Result<[u8; DIGEST], ArchiveError> {
    let mut out = Digesting { inner: out, context: Context::new(&SHA256) };
    let text = serde_json::to_vec(manifest).map_err(io::Error::from)?;
    let length = u32::try_from(text.len()).map_err(|_long| ArchiveError::Format)?;
    out.write_all(MAGIC)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&text)?;
    let copied = io::copy(payload, &mut out)?;
    if copied != manifest.payload {
        return Err(io::Error::other("the copy of the database changed while it was written").into());
    }
    let digest = finish(out.context);
    out.inner.write_all(&digest)?;
    out.inner.flush()?;
    Ok(digest)
}

/// Reads a backup to its end, and hands its payload on. Only when this has succeeded is anything of it what was written.
///
/// # Errors
/// When it is none, or not whole, or cannot be read or its payload not be written.
pub fn read(input: &mut dyn Read, payload: &mut dyn Write) -> Result<Manifest, ArchiveError> {
    let mut context = Context::new(&SHA256);
    let manifest = read_head(input, &mut context)?;
    read_payload(input, payload, manifest.payload, context)?;
    Ok(manifest)
}

/// Reads a backup again that was found whole and to be of this manifest, and hands its payload on.
///
/// # Errors
/// As [`read`], and when it is another now: then nothing of it is handed on.
pub fn read_again(
    input: &mut dyn Read,
    payload: &mut dyn Write,
    manifest: &Manifest,
) -> Result<(), ArchiveError> {
    let mut context = Context::new(&SHA256);
    if read_head(input, &mut context)? != *manifest {
        return Err(ArchiveError::Changed);
    }
    read_payload(input, payload, manifest.payload, context)
}

fn read_head(input: &mut dyn Read, context: &mut Context) -> Result<Manifest, ArchiveError> {
    let mut magic = [0; MAGIC.len()];
    let found = fill(input, &mut magic)?;
    if magic != *MAGIC {
        return Err(match () {
            () if found < MAGIC.len() && MAGIC.starts_with(&magic[..found]) => ArchiveError::Truncated,
            () if magic.starts_with(FAMILY) => ArchiveError::Format,
            () => ArchiveError::Other,
        });
    }
    context.update(&magic);
    let mut length = [0; 4];
    must_fill(input, &mut length)?;
    context.update(&length);
    let length = u32::from_be_bytes(length);
    if length > MAX_MANIFEST {
        return Err(ArchiveError::Damaged);
    }
    let mut text = vec![0; length as usize];
    must_fill(input, &mut text)?;
    context.update(&text);
    serde_json::from_slice(&text).map_err(|_other| ArchiveError::Damaged)
}

/// The last chunk is handed on when the digest is right: whoever acts on what it gets cannot come to an end before.
fn read_payload(
    input: &mut dyn Read,
    payload: &mut dyn Write,
    length: u64,
    mut context: Context,
) -> Result<(), ArchiveError> {
    let (mut left, mut held) = (length, Vec::new());
    while left > 0 {
        payload.write_all(&held)?;
        let take = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        held.resize(take, 0);
        must_fill(input, &mut held)?;
        context.update(&held);
        left -= take as u64;
    }
    let mut digest = [0; DIGEST];
    must_fill(input, &mut digest)?;
    let more = fill(input, &mut [0; 1])?;
    if finish(context) != digest || more > 0 {
        return Err(ArchiveError::Damaged);
    }
    payload.write_all(&held)?;
    Ok(payload.flush()?)
}

/// Reads as much as there is, up to the length of `out`.
fn fill(input: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
    let mut found = 0;
    while found < out.len() {
        match input.read(&mut out[found..]) {
            Ok(0) => break,
            Ok(more) => found += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn must_fill(input: &mut dyn Read, out: &mut [u8]) -> Result<(), ArchiveError> {
    if fill(input, out)? == out.len() { Ok(()) } else { Err(ArchiveError::Truncated) }
}

fn finish(context: Context) -> [u8; DIGEST] {
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Digests what is written through it.
struct Digesting<'a> {
    inner: &'a mut dyn Write,
    context: Context,
}

impl Write for Digesting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
