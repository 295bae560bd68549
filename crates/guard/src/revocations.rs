//! What is dead: handles, single tokens and keys that were revoked and whose tokens may not have expired yet.
//!
//! Names are kept as digests, which makes entries small and all of one size. Two names of one digest can only mean
//! that a token is refused for another's sake, never that a dead one passes, and that is as likely as guessing a key.
//! Entries lie sorted in many small slices, which are replaced whole: readers never wait, and growing doubles nothing.
//!
//! What is dead stays dead: nothing takes an entry away but its expiry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokenry_clock::Timestamp;
use tokenry_jose::sha256;
use tokenry_protocol::guard::{Revoked, RevokedKind};

use crate::horizon::{Horizon, KEEP};

/// How many entries there may be, unless configured.
pub(crate) const USUAL_CAP: usize = 1_000_000;

/// How many characters of a `jti` are its handle.
const HANDLE_LEN: usize = 11;

/// The first bits of a name say where it lies.
const SHARD_BITS: u32 = 12;

/// Stands for every token that hangs on the name.
const ALL: u64 = 0;

/// One thing that is dead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    /// Digest of the handle or the key.
    on: u64,
    /// Digest of the single token, or [`ALL`].
    token: u64,
    /// When the last token that it concerns has expired, in seconds since the Unix epoch.
    until: i64,
}

/// What of a token can be dead. Made once a token, so that looking is cheap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    handle: u64,
    token: u64,
    key: Option<u64>,
}

/// There are more entries than may be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Full;

impl Names {
    pub(crate) fn new(jti: &str, kid: Option<&str>) -> Self {
        Self {
            handle: digest("handle", handle_of(jti)),
            token: token_digest(jti),
            key: kid.map(|kid| digest("key", kid)),
        }
    }
}

impl Entry {
    /// Nothing for kinds that this version does not know.
    pub(crate) fn new(revoked: &Revoked) -> Option<Self> {
        let (on, token) = match revoked.what {
            RevokedKind::Handle => (digest("handle", &revoked.value), ALL),
            RevokedKind::Key => (digest("key", &revoked.value), ALL),
            RevokedKind::Token => (digest("handle", handle_of(&revoked.value)), token_digest(&revoked.value)),
            RevokedKind::Unknown => return None,
        };
        Some(Self { on, token, until: revoked.expires_at })
    }

    /// For files of this machine.
    pub(crate) fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.on.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.token.to_le_bytes());
        bytes[16..].copy_from_slice(&self.until.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; 24]) -> Self {
        let [on, token, until] = [0, 8, 16].map(|at| std::array::from_fn(|n| bytes[at + n]));
        Self {
            on: u64::from_le_bytes(on),
            token: u64::from_le_bytes(token),
            until: i64::from_le_bytes(until),
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        Timestamp::from_secs(self.until).plus(KEEP) < now
    }

    const fn name(&self) -> (u64, u64) {
        (self.on, self.token)
    }

    const fn shard(&self) -> usize {
        shard_of(self.on)
    }
}

const fn shard_of(on: u64) -> usize {
    (on >> (u64::BITS - SHARD_BITS)) as usize
}

fn handle_of(jti: &str) -> &str {
    jti.char_indices().nth(HANDLE_LEN).map_or(jti, |(end, _)| &jti[..end])
}

fn token_digest(jti: &str) -> u64 {
    digest("token", jti).max(ALL + 1)
}

fn digest(kind: &str, value: &str) -> u64 {
    let whole = sha256(format!("{kind}\0{value}").as_bytes());
    u64::from_be_bytes(std::array::from_fn(|at| whole[at]))
}

/// The table of one issuer.
pub(crate) struct Revocations {
    /// By [`shard_of`], each sorted by name, a dead handle without its tokens.
    shards: Box<[ArcSwap<Vec<Entry>>]>,
    cap: usize,
    count: AtomicUsize,
    /// Whether entries had to be left out, so that nobody knows what is alive.
    overflowing: AtomicBool,
    /// What may have been forgotten.
    pub(crate) horizon: Horizon,
    writing: Mutex<()>,
}

impl Revocations {
    pub(crate) fn new(cap: usize) -> Self {
        let shards = (0..1_usize << SHARD_BITS).map(|_| ArcSwap::default()).collect();
        Self {
            shards,
            cap,
            count: AtomicUsize::new(0),
            overflowing: AtomicBool::new(false),
            horizon: Horizon::default(),
            writing: Mutex::new(()),
        }
    }

    /// Whether the token, its handle or its key is dead.
    pub(crate) fn is_dead(&self, names: &Names) -> bool {
        self.holds(names.handle, names.token) || names.key.is_some_and(|key| self.holds(key, ALL))
    }

    fn holds(&self, on: u64, token: u64) -> bool {
        let shard = self.shards[shard_of(on)].load();
        match shard.binary_search_by_key(&(on, token), Entry::name) {
            Ok(_) => true,
            // A dead handle stands alone, so all its tokens would come right after it.
            Err(at) => at > 0 && shard[at - 1].name() == (on, ALL),
        }
    }

    /// Adds entries, in any order; some may be known already.
    ///
    /// # Errors
    /// [`Full`] if some did not fit. Whoever adds decides what that means; see [`set_overflowing`](Self::set_overflowing).
    pub(crate) fn add(&self, mut entries: Vec<Entry>, now: Timestamp) -> Result<(), Full> {
        entries.sort_unstable_by_key(Entry::name);
        let _writing = self.writing.lock();
        self.horizon.advance(now);
        let mut fitted = Ok(());
        for run in entries.chunk_by(|a, b| a.shard() == b.shard()) {
            fitted = self.rewrite(run[0].shard(), run, now).and(fitted);
        }
        fitted
    }

    /// Drops what has expired.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.horizon.advance(now);
        for shard in 0..self.shards.len() {
            if self.shards[shard].load().iter().any(|entry| entry.is_over(now)) {
                let _writing = self.writing.lock();
                // Shrinking always fits.
                let _ = self.rewrite(shard, &[], now);
            }
        }
    }

    /// Replaces one shard. The caller holds the lock.
    fn rewrite(&self, shard: usize, added: &[Entry], now: Timestamp) -> Result<(), Full> {
        let before = self.shards[shard].load();
        let mut after = Vec::with_capacity(before.len() + added.len());
        after.extend(before.iter().chain(added).filter(|entry| !entry.is_over(now)));
        after.sort_by_key(Entry::name);
        compact(&mut after);
        let others = self.count.load(Ordering::Acquire) - before.len();
        if others + after.len() > self.cap && after.len() > before.len() {
            return Err(Full);
        }
        after.shrink_to_fit();
        self.count.store(others + after.len(), Ordering::Release);
        self.shards[shard].store(Arc::new(after));
        Ok(())
    }

    /// Whether it is unknown what is dead, because entries did not fit.
    pub(crate) fn is_overflowing(&self) -> bool {
        self.overflowing.load(Ordering::Acquire)
    }

    /// Says that entries did not fit, or that all that are due are there again.
    pub(crate) fn set_overflowing(&self, overflowing: bool) {
        self.overflowing.store(overflowing, Ordering::Release);
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Every entry, shard by shard; each shard as it is when its turn comes.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.shards.iter().flat_map(|shard| {
            let shard = shard.load_full();
            (0..shard.len()).map(move |at| shard[at])
        })
    }
}

/// Of one name the latest expiry, and no token under a handle that is dead itself. `entries` are sorted.
fn compact(entries: &mut Vec<Entry>) {
    entries.dedup_by(|entry, kept| {
        let covered = entry.on == kept.on && (kept.token == ALL || kept.token == entry.token);
        if covered {
            kept.until = kept.until.max(entry.until);
        }
        covered
    });
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn revoked(what: RevokedKind, value: &str, expires_at: i64) -> Entry {
        Entry::new(&Revoked { what, value: value.to_owned(), expires_at }).unwrap()
    }

    fn dead(table: &Revocations, jti: &str, kid: &str) -> bool {
        table.is_dead(&Names::new(jti, Some(kid)))
    }

    #[test]
    fn a_handle_is_the_first_eleven_characters_whatever_they_are() {
        assert_eq!(handle_of("abcdefghijkLMN"), "abcdefghijk");
        assert_eq!(handle_of("short"), "short");
        assert_eq!(handle_of("äöüäöüäöüäö-rest"), "äöüäöüäöüäö");
    }

    #[test]
    fn entries_survive_their_bytes() {
        let entry = revoked(RevokedKind::Token, "abcdefghijk-1", -7);
        assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
    }

    #[test]
    fn kinds_do_not_mix() {
        let now = Timestamp::from_secs(0);
        let table = Revocations::new(10);
        table.add(vec![revoked(RevokedKind::Key, "abcdefghijk", 100)], now).unwrap();
        assert!(!dead(&table, "abcdefghijk", "k"));
        assert!(dead(&table, "other", "abcdefghijk"));
        table.add(vec![revoked(RevokedKind::Token, "lmnopqrstuv", 100)], now).unwrap();
        assert!(dead(&table, "lmnopqrstuv", "k"));
        assert!(!dead(&table, "lmnopqrstuvw", "k"), "another token of the handle");
    }

    #[test]
    fn what_does_not_fit_is_said_and_what_is_there_stays() {
        let (start, later) = (Timestamp::from_secs(0), Timestamp::from_secs(101).plus(KEEP));
        let table = Revocations::new(2);
        let handle = |name: &str, until| revoked(RevokedKind::Handle, name, until);
        table.add(vec![handle("a", 100), handle("b", 500)], start).unwrap();
        assert_eq!(table.add(vec![handle("c", 500)], start), Err(Full));
        table.add(vec![handle("a", 99), handle("b", 500)], start).unwrap();
        assert!(dead(&table, "a", "k") && dead(&table, "b", "k") && !dead(&table, "c", "k"));
        table.sweep(later);
        assert_eq!(table.len(), 1);
        table.add(vec![handle("c", 500)], later).unwrap();
        assert!(dead(&table, "c", "k"));
    }

    #[test]
    fn a_clock_that_was_set_back_revives_nothing() {
        let table = Revocations::new(10);
        let until = Timestamp::from_secs(100);
        table.add(vec![revoked(RevokedKind::Handle, "a", 100)], Timestamp::from_secs(0)).unwrap();
        table.sweep(until.plus(KEEP));
        assert!(dead(&table, "a", "k") && !table.horizon.hides(until));
        table.sweep(until.plus(KEEP).plus(Duration::from_millis(1)));
        assert!(!dead(&table, "a", "k") && table.horizon.hides(until));
    }

    /// What happens to a table.
    #[derive(Clone, Debug)]
    enum Step {
        Add(Vec<(RevokedKind, String, i64)>),
        Pass(u64),
        Sweep,
    }

    fn step() -> impl Strategy<Value = Step> {
        let handle =
            (0..3_u8).prop_map(|n| (RevokedKind::Handle, format!("handle-----{n}")[..11].to_owned()));
        let token = ((0..3_u8), (0..4_u8))
            .prop_map(|(handle, n)| (RevokedKind::Token, format!("handle----{handle}{n}")));
        let key = (0..2_u8).prop_map(|n| (RevokedKind::Key, format!("key{n}")));
        let one = (prop_oneof![handle, token, key], 0..400_i64)
            .prop_map(|((what, value), until)| (what, value, until));
        prop_oneof![
            4 => proptest::collection::vec(one, 0..6).prop_map(Step::Add),
            2 => (0..90_000_u64).prop_map(Step::Pass),
            1 => Just(Step::Sweep),
        ]
    }

    proptest! {
        /// Whatever was revoked is dead until it has expired by more than a day, and nothing else ever is.
        #[test]
        fn r27_the_table_answers_like_a_list(steps in proptest::collection::vec(step(), 0..40)) {
            let table = Revocations::new(1_000);
            let mut list: HashMap<(RevokedKind, String), i64> = HashMap::new();
            let mut now = Timestamp::from_secs(0);
            for step in steps {
                match step {
                    Step::Add(added) => {
                        let entries = added.iter().map(|(what, value, until)| revoked(*what, value, *until));
                        table.add(entries.collect(), now).unwrap();
                        for (what, value, until) in added {
                            let known = list.entry((what, value)).or_insert(until);
                            *known = until.max(*known);
                        }
                    }
                    Step::Pass(seconds) => now = now.plus(Duration::from_secs(seconds)),
                    Step::Sweep => table.sweep(now),
                }
                let lives = |what, value: &str| {
                    list.get(&(what, value.to_owned())).is_some_and(|until| Timestamp::from_secs(*until) >= now)
                };
                for handle in 0..3 {
                    for n in 0..4 {
                        for kid in ["key0", "key1", "key2"] {
                            let jti = format!("handle----{handle}{n}");
                            let due = lives(RevokedKind::Handle, &jti[..11])
                                || lives(RevokedKind::Token, &jti)
                                || lives(RevokedKind::Key, kid);
                            prop_assert!(!due || dead(&table, &jti, kid), "{jti} {kid} is dead");
                            let ever = list.contains_key(&(RevokedKind::Handle, jti[..11].to_owned()))
                                || list.contains_key(&(RevokedKind::Token, jti.clone()))
                                || list.contains_key(&(RevokedKind::Key, kid.to_owned()));
                            prop_assert!(ever || !dead(&table, &jti, kid), "{jti} {kid} lives");
                        }
                    }
                }
                prop_assert_eq!(table.len(), table.entries().count());
            }
        }
    }
}
