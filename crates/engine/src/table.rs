//! A table of a fixed size, which nobody can grow by coming often or under many names: what holds somebody back stays in
//! it until that ends, and of the rest the least makes room.

use std::hash::Hash;

use indexmap::IndexMap;
use tokenry_clock::Timestamp;

/// How many are looked at for one to make room.
const SAMPLE: usize = 16;

/// What one entry is worth, in the order in which they make room.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Worth {
    /// Nothing any more.
    Over,
    /// So many events.
    Events(u32),
    /// It limits somebody: it never makes room.
    Limiting,
}

/// What a table holds.
pub(crate) trait Held {
    /// What its worth depends on.
    type Rules: Copy + std::fmt::Debug;

    /// What it is worth at `now` by these rules.
    fn worth(&self, rules: &Self::Rules, now: Timestamp) -> Worth;
}

/// A table of a fixed size.
#[derive(Debug)]
pub(crate) struct Table<K, V: Held> {
    entries: IndexMap<K, V>,
    rules: V::Rules,
    room: usize,
    /// Where room was looked for the last time: it goes round.
    hand: usize,
}

impl<K: Eq + Hash, V: Held> Table<K, V> {
    pub(crate) fn new(room: usize, rules: V::Rules) -> Self {
        Self { entries: IndexMap::new(), rules, room, hand: 0 }
    }

    pub(crate) fn find_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// The entry of `key`, new if there is none; `None` when there is no room.
    pub(crate) fn entry(&mut self, key: K, now: Timestamp, new: impl FnOnce() -> V) -> Option<&mut V> {
        if !self.entries.contains_key(&key) && self.entries.len() >= self.room {
            self.make_room(now)?;
        }
        Some(self.entries.entry(key).or_insert_with(new))
    }

    /// Every entry.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut()
    }

    /// Removes what is worth nothing any more.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        let rules = self.rules;
        self.entries.retain(|_key, held| held.worth(&rules, now) != Worth::Over);
    }

    fn make_room(&mut self, now: Timestamp) -> Option<()> {
        let len = self.entries.len();
        let looked_at = (0..SAMPLE.min(len)).map(|step| (self.hand + step) % len);
        let worths =
            looked_at.filter_map(|at| Some((self.entries.get_index(at)?.1.worth(&self.rules, now), at)));
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
        type Rules = ();

        fn worth(&self, _rules: &(), _now: Timestamp) -> Worth {
            self.0
        }
    }

    #[test]
    fn r104_a_flood_does_not_grow_it_and_frees_nobody_who_is_limited() {
        let mut table = Table::new(100, ());
        for key in 0..50 {
            table.entry(key, NOW, || Fixed(Worth::Limiting)).unwrap();
        }
        for key in 1_000..101_000 {
            table.entry(key, NOW, || Fixed(Worth::Events(1)));
            assert!(table.entries.len() <= 100);
        }
        assert!((0..50).all(|key| table.find_mut(&key).is_some()));
    }

    #[test]
    fn who_failed_least_makes_room_and_what_is_over_first() {
        let mut table = Table::new(3, ());
        table.entry(1, NOW, || Fixed(Worth::Events(9))).unwrap();
        table.entry(2, NOW, || Fixed(Worth::Events(2))).unwrap();
        table.entry(3, NOW, || Fixed(Worth::Over)).unwrap();
        for key in [4, 5] {
            table.entry(key, NOW, || Fixed(Worth::Events(10))).unwrap();
        }
        let kept: Vec<_> = (1..=5).filter(|key| table.find_mut(key).is_some()).collect();
        assert_eq!(kept, [1, 4, 5]);
    }

    #[test]
    fn where_all_are_limited_there_is_no_room() {
        let mut table = Table::new(2, ());
        for key in 0..2 {
            table.entry(key, NOW, || Fixed(Worth::Limiting)).unwrap();
        }
        assert!(table.entry(2, NOW, || Fixed(Worth::Events(1))).is_none());
        assert!(table.entry(1, NOW, || Fixed(Worth::Events(1))).is_some());
    }

    #[test]
    fn sweeping_leaves_what_counts() {
        let mut table = Table::new(3, ());
        for (key, worth) in [(1, Worth::Over), (2, Worth::Events(1)), (3, Worth::Limiting)] {
            table.entry(key, NOW, || Fixed(worth)).unwrap();
        }
        table.sweep(NOW);
        assert_eq!(table.entries.keys().copied().collect::<Vec<_>>(), [2, 3]);
    }
}
