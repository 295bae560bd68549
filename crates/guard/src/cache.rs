//! Tokens whose signature was checked, so that the next request with the same one need not check it again.
//!
//! What is remembered is that a signer said this, never that it is allowed: time, key set, scope and company are
//! compared at each request. The cache bounds memory and nothing else.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use moka::sync::Cache;

use crate::token::Token;

/// SHA-256 of the whole token: two tokens with the same claims, or the same beginning, are two entries.
pub(crate) type Digest = [u8; 32];

/// One guard's verified tokens.
pub(crate) struct TokenCache(Cache<Digest, Arc<Token>, FirstBytes>);

impl TokenCache {
    /// A cache of at most about `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        Self(
            Cache::builder()
                .max_capacity(bytes)
                .weigher(|_, token: &Arc<Token>| token.weight())
                .build_with_hasher(FirstBytes),
        )
    }

    pub(crate) fn find(&self, digest: &Digest) -> Option<Arc<Token>> {
        self.0.get(digest)
    }

    pub(crate) fn insert(&self, digest: Digest, token: Arc<Token>) {
        self.0.insert(digest, token);
    }
}

/// Hashes a digest by its first eight bytes, which are as good as any hash of it. Nobody can fill a bucket: entries
/// are made for correctly signed tokens only.
#[derive(Clone, Copy, Default)]
struct FirstBytes;

impl BuildHasher for FirstBytes {
    type Hasher = FirstBytesHasher;

    fn build_hasher(&self) -> FirstBytesHasher {
        FirstBytesHasher(0)
    }
}

struct FirstBytesHasher(u64);

impl Hasher for FirstBytesHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    /// An array hashes its length first; that says nothing.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
