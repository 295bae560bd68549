//! A checkpoint of the audit trail: which rows it seals, their hash, and the checkpoint before it, signed as one.

use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, sha256};

use crate::SeqRanges;

/// How many bytes of a row's content hash its mark keeps: enough to say which row was changed. That one was, the hash
/// of all says.
pub const MARK_LEN: usize = 8;

/// A link of the chain: the rows that were sealed together, in ascending order of their places.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Its number, one more than that of the checkpoint before it; the first is 1.
    pub id: i64,
    /// When it was made, by the clock of whoever made it.
    pub sealed_at: Timestamp,
    /// The rows that it seals.
    pub rows: SeqRanges,
    /// The highest place of a row that this checkpoint or one before it seals.
    pub through_seq: i64,
    /// SHA-256 of the rows' marks.
    pub marks_hash: [u8; 32],
    /// The hash of the rows: see [`RowChain`].
    pub rows_hash: [u8; 32],
    /// The hash of the checkpoint before it; all zero for the first.
    pub previous_hash: [u8; 32],
    /// Names the key that signed it.
    pub kid: String,
    /// The signature of its [`statement`](Self::statement), with Ed25519 (RFC 8032).
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// What is signed: everything but the signature, as JSON.
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        const KIND: &str = "tokenry-audit-checkpoint/1";
        let [marks, rows, previous] =
            [&self.marks_hash, &self.rows_hash, &self.previous_hash].map(|hash| base64url::encode(hash));
        let (sealed_at, ranges) = (self.sealed_at.as_millis(), self.rows.to_string());
        let fields = (KIND, self.id, sealed_at, ranges, self.through_seq, marks, rows, previous, &self.kid);
        serde_json::to_vec(&fields).expect("text and integers always have a JSON form")
    }

    /// SHA-256 of the statement: what the next checkpoint links to.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.statement())
    }
}

/// The hash of a checkpoint's rows as they are added: it begins with the hash of the checkpoint before, and each row makes
/// SHA-256 of what there was, the row's place (eight bytes, the highest first) and its content hash.
#[derive(Clone, Debug)]
pub struct RowChain {
    hash: [u8; 32],
    marks: Vec<u8>,
}

impl RowChain {
    /// A chain without rows, after the checkpoint of that hash.
    #[must_use]
    pub const fn after(previous_hash: [u8; 32]) -> Self {
        Self { hash: previous_hash, marks: Vec::new() }
    }

    /// Adds a row.
    pub fn add(&mut self, seq: i64, content_hash: &[u8; 32]) {
        let mut link = [0; 72];
        link[..32].copy_from_slice(&self.hash);
        link[32..40].copy_from_slice(&seq.to_be_bytes());
        link[40..].copy_from_slice(content_hash);
        self.hash = sha256(&link);
        self.marks.extend_from_slice(&content_hash[..MARK_LEN]);
    }

    /// The hash of the rows so far.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The rows' marks, one after the other.
    #[must_use]
    pub fn marks(&self) -> &[u8] {
        &self.marks
    }
}

/// The word that the rows of the first checkpoints were removed, those of which [`Checkpoint`] they end with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditRemoval {
    /// The last checkpoint whose rows were removed. It is kept itself, those before it are not.
    pub checkpoint_id: i64,
    /// When.
    pub removed_at: Timestamp,
    /// Names the key that signed it.
    pub kid: String,
    /// The signature of its [`statement`](Self::statement), with Ed25519.
    pub signature: Vec<u8>,
}

impl AuditRemoval {
    /// What is signed.
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        const KIND: &str = "tokenry-audit-removal/1";
        let fields = (KIND, self.checkpoint_id, self.removed_at.as_millis(), &self.kid);
        serde_json::to_vec(&fields).expect("text and integers always have a JSON form")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn leak_05_the_hash_covers_every_field() {
        let base = Checkpoint {
            id: 2,
            sealed_at: Timestamp::from_millis(1),
            rows: SeqRanges::of([1, 2]),
            through_seq: 2,
            marks_hash: [1; 32],
            rows_hash: [2; 32],
            previous_hash: [3; 32],
            kid: "k".to_owned(),
            signature: Vec::new(),
        };
        let changed = [
            base.clone(),
            Checkpoint { id: 3, ..base.clone() },
            Checkpoint { sealed_at: Timestamp::from_millis(2), ..base.clone() },
            Checkpoint { rows: SeqRanges::of([1]), ..base.clone() },
            Checkpoint { through_seq: 3, ..base.clone() },
            Checkpoint { marks_hash: [2; 32], ..base.clone() },
            Checkpoint { rows_hash: [1; 32], ..base.clone() },
            Checkpoint { previous_hash: [1; 32], ..base.clone() },
            Checkpoint { kid: "l".to_owned(), ..base.clone() },
        ];
        let hashes: BTreeSet<_> = changed.iter().map(Checkpoint::hash).collect();
        assert_eq!(hashes.len(), changed.len());
        assert_eq!(Checkpoint { signature: vec![1], ..base.clone() }.hash(), base.hash());
    }

    #[test]
    fn leak_05_a_chain_knows_places_contents_and_order() {
        let of = |rows: &[(i64, [u8; 32])]| {
            let mut chain = RowChain::after([0; 32]);
            rows.iter().for_each(|(seq, hash)| chain.add(*seq, hash));
            chain.hash()
        };
        let (a, b) = ([1; 32], [2; 32]);
        let all = [
            of(&[]),
            of(&[(1, a)]),
            of(&[(1, b)]),
            of(&[(2, a)]),
            of(&[(1, a), (2, b)]),
            of(&[(1, b), (2, a)]),
            of(&[(2, b), (1, a)]),
        ];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
