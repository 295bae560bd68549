//! Where the chain ends, and the places below its end that were empty when it passed them.

use std::collections::BTreeMap;

use tokenry_model::{Checkpoint, SeqRanges};

/// For how many checkpoints after it was passed an empty place is looked at again. A server makes one a second, or after
/// a long pause fifty; its transactions end within seconds, by the database's own clock.
pub(super) const WINDOW: i64 = 5_000;
/// For how many checkpoints it is looked at each second, rather than once a minute.
const YOUNG: i64 = 15;

/// Where the chain ends, and the empty places below.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// The number of the last checkpoint; 0: there is none.
    pub(super) id: i64,
    /// Its hash.
    pub(super) hash: [u8; 32],
    /// The highest place that is sealed.
    pub(super) through_seq: i64,
    /// By the number of the checkpoint that passed them.
    empty: BTreeMap<i64, SeqRanges>,
}

impl Gaps {
    /// Takes in the next checkpoint. The first that is taken in, unless it is the very first, says only where the chain
    /// stands.
    pub(super) fn absorb(&mut self, checkpoint: &Checkpoint) {
        if self.id != 0 || checkpoint.id == 1 {
            let late = checkpoint.rows.between(1, self.through_seq);
            if !late.is_empty() {
                self.empty.values_mut().for_each(|empty| *empty = empty.without(&late));
            }
            let passed = checkpoint.rows.missing(self.through_seq.saturating_add(1), checkpoint.through_seq);
            self.empty.insert(checkpoint.id, passed);
            let id = checkpoint.id;
            self.empty.retain(|passed, empty| !empty.is_empty() && *passed > id - WINDOW);
        }
        self.id = checkpoint.id;
        self.hash = checkpoint.hash();
        self.through_seq = checkpoint.through_seq;
    }

    /// The empty places that were passed lately.
    pub(super) fn young(&self) -> SeqRanges {
        SeqRanges::concat(self.empty.range(self.id - YOUNG..).map(|(_passed, empty)| empty))
    }

    /// All empty places.
    pub(super) fn all(&self) -> SeqRanges {
        SeqRanges::concat(self.empty.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_clock::Timestamp;

    fn checkpoint(id: i64, rows: &str, through_seq: i64) -> Checkpoint {
        Checkpoint {
            id,
            sealed_at: Timestamp::EPOCH,
            rows: SeqRanges::parse(rows).unwrap(),
            through_seq,
            marks_hash: [0; 32],
            rows_hash: [0; 32],
            previous_hash: [0; 32],
            kid: String::new(),
            signature: Vec::new(),
        }
    }

    #[test]
    fn an_empty_place_is_remembered_until_it_is_sealed() {
        let mut gaps = Gaps::default();
        gaps.absorb(&checkpoint(1, "2-3,6", 6));
        assert_eq!(gaps.young().to_string(), "1,4-5");
        gaps.absorb(&checkpoint(2, "5,7,9", 9));
        assert_eq!(gaps.young().to_string(), "1,4,8");
        gaps.absorb(&checkpoint(3, "4", 9));
        assert_eq!((gaps.young().to_string().as_str(), gaps.through_seq), ("1,8", 9));
    }

    #[test]
    fn an_old_one_is_looked_at_seldom_and_then_no_more() {
        let mut gaps = Gaps::default();
        gaps.absorb(&checkpoint(1, "2", 2));
        let go_on = |gaps: &mut Gaps, to: i64| {
            for id in gaps.id + 1..=to {
                gaps.absorb(&checkpoint(id, &(id + 1).to_string(), id + 1));
            }
        };
        go_on(&mut gaps, 30);
        assert_eq!((gaps.young().len(), gaps.all().to_string().as_str()), (0, "1"));
        go_on(&mut gaps, WINDOW + 1);
        assert!(gaps.all().is_empty());
    }

    #[test]
    fn who_comes_late_begins_with_where_the_chain_stands() {
        let mut gaps = Gaps::default();
        gaps.absorb(&checkpoint(900, "1000", 1000));
        assert_eq!((gaps.all().len(), gaps.id, gaps.through_seq), (0, 900, 1000));
        gaps.absorb(&checkpoint(901, "1002", 1002));
        assert_eq!(gaps.all().to_string(), "1001");
    }
}
