//! A table of a fixed size, which strangers cannot grow: who is limited stays in it until the limit ends, of the others
//! those who failed least make room.

use std::hash::Hash;

use indexmap::IndexMap;
use tokenry_clock::Timestamp;

use crate::policy::limits::GuessLimits;

/// How many are looked at for one to make room.
const SAMPLE: usize = 16;

/// What one entry is worth, in the order in which they make room.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Worth {
    /// Nothing any more.
    Over,
    /// So many failures.
    Failures(u32),
    /// It limits somebody: it never makes room.
    Limiting,
}

/// What a table holds.
pub(super) trait Held {
    /// What it is worth at `now` under these limits.
    fn worth(&self, limits: &GuessLimits, now: Timestamp) -> Worth;
}

/// A table of a fixed size.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    entries: IndexMap<K, V>,
    limits: GuessLimits,
    room: usize,
    /// Where room was looked for the last time: it goes round.
    hand: usize,
}

impl<K: Eq + Hash, V: Held> Table<K, V> {
    pub(super) fn new(room: usize, limits: GuessLimits) -> Self {
        Self { entries: IndexMap::new(), limits, room, hand: 0 }
    }

    pub(super) fn find_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// The entry of `key`, new if there is none; `None` when there is no room.
    pub(super) fn entry(&mut self, key: K, now: Timestamp, new: impl FnOnce() -> V) -> Option<&mut V> {
        if !self.entries.contains_key(&key) && self.entries.len() >= self.room {
            self.make_room(now)?;
        }
        Some(self.entries.entry(key).or_insert_with(new))
    }

    /// Every entry.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut()
    }

    /// Removes what is worth nothing any more.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        let limits = self.limits;
        self.entries.retain(|_key, held| held.worth(&limits, now) != Worth::Over);
    }

    fn make_room(&mut self, now: Timestamp) -> Option<()> {
        let len = self.entries.len();
        let looked_at = (0..SAMPLE.min(len)).map(|step| (self.hand + step) % len);
        let worths =
            looked_at.filter_map(|at| Some((self.entries.get_index(at)?.1.worth(&self.limits, now), at)));
        let least = worths.min();
        self.hand = (self.hand + SAMPLE) % len.max(1);
        match least {
            None | Some((Worth::Limiting, _)) => None,
            Some((_, at)) => self.entries.swap_remove_index(at).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::EPOCH;

    struct Fixed(Worth);

    impl Held for Fixed {
        fn worth(&self, _limits: &GuessLimits, _now: Timestamp) -> Worth {
            self.0
        }
    }

    #[test]
    fn r104_a_flood_does_not_grow_it_and_frees_nobody_who_is_limited() {
        let mut table = Table::new(100, GuessLimits::NONE);
        for key in 0..50 {
            table.entry(key, NOW, || Fixed(Worth::Limiting)).unwrap();
        }
        for key in 1_000..101_000 {
            table.entry(key, NOW, || Fixed(Worth::Failures(1)));
            assert!(table.entries.len() <= 100);
        }
        assert!((0..50).all(|key| table.find_mut(&key).is_some()));
    }

    #[test]
    fn who_failed_least_makes_room_and_what_is_over_first() {
        let mut table = Table::new(3, GuessLimits::NONE);
        table.entry(1, NOW, || Fixed(Worth::Failures(9))).unwrap();
        table.entry(2, NOW, || Fixed(Worth::Failures(2))).unwrap();
        table.entry(3, NOW, || Fixed(Worth::Over)).unwrap();
        for key in [4, 5] {
            table.entry(key, NOW, || Fixed(Worth::Failures(10))).unwrap();
        }
        let kept: Vec<_> = (1..=5).filter(|key| table.find_mut(key).is_some()).collect();
        assert_eq!(kept, [1, 4, 5]);
    }

    #[test]
    fn where_all_are_limited_there_is_no_room() {
        let mut table = Table::new(2, GuessLimits::NONE);
        for key in 0..2 {
            table.entry(key, NOW, || Fixed(Worth::Limiting)).unwrap();
        }
        assert!(table.entry(2, NOW, || Fixed(Worth::Failures(1))).is_none());
        assert!(table.entry(1, NOW, || Fixed(Worth::Failures(1))).is_some());
    }

    #[test]
    fn sweeping_leaves_what_counts() {
        let mut table = Table::new(3, GuessLimits::NONE);
        for (key, worth) in [(1, Worth::Over), (2, Worth::Failures(1)), (3, Worth::Limiting)] {
            table.entry(key, NOW, || Fixed(worth)).unwrap();
        }
        table.sweep(NOW);
        assert_eq!(table.entries.keys().copied().collect::<Vec<_>>(), [2, 3]);
    }
}
