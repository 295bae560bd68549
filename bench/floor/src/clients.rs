//! The clients that the floor knows: an identifier and the digest of a secret each, in a hash table.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

/// Digests of secrets by client identifier.
pub(crate) struct Clients(HashMap<String, [u8; 32]>);

impl Clients {
    /// One `client_id<TAB>client_secret` a line.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        let pairs = text.lines().map(|line| {
            let (id, secret) = line.split_once('\t').context("a line without a tab")?;
            Ok((id.to_owned(), sha256(secret)))
        });
        Ok(Self(pairs.collect::<Result<_>>()?))
    }

    /// The one client of a run by hand.
    pub(crate) fn one() -> Self {
        Self(HashMap::from([("bench".to_owned(), sha256("bench-secret"))]))
    }

    /// Whether `secret` is that of the client `id`.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> bool {
        self.0.get(id).is_some_and(|stored| verify_slices_are_equal(stored, &sha256(secret)).is_ok())
    }
}

fn sha256(secret: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    bytes
}
