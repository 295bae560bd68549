//! A set of audit rows by their places, as ranges: `1-500,502`.

use std::fmt::{self, Display, Formatter};

use thiserror::Error;

/// A text that is no list of ranges.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("it is no list of ranges such as 1-500,502, in ascending order")]
pub struct InvalidSeqRanges;

/// Places of audit rows, in ascending order: inclusive ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeqRanges(Vec<(i64, i64)>);

impl SeqRanges {
    /// The ranges that cover `seqs`, which ascend.
    #[must_use]
    pub fn of(seqs: impl IntoIterator<Item = i64>) -> Self {
        let mut ranges = Self::default();
        for seq in seqs {
            ranges.push(seq, seq);
        }
        ranges
    }

    /// Reads what `Display` writes, and nothing else: one set has one text.
    ///
    /// # Errors
    /// For any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidSeqRanges> {
        let number = |text: &str| text.parse::<i64>().map_err(|_other| InvalidSeqRanges);
        let mut ranges = Self::default();
        for part in text.split(',').filter(|_part| !text.is_empty()) {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None => (number(part)?, number(part)?),
            };
            let above = ranges.0.last().map_or(0, |(_first, end)| *end);
            if first <= above || last < first {
                return Err(InvalidSeqRanges);
            }
            ranges.push(first, last);
        }
        // What was written in another way does not read back.
        if ranges.to_string() == text { Ok(ranges) } else { Err(InvalidSeqRanges) }
    }

    /// The places of `parts`, each of which lies above the one before it.
    #[must_use]
    pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut ranges = Self::default();
        parts.into_iter().for_each(|part| ranges.append(part));
        ranges
    }

    /// Adds the places of `part`, which lie above all that there are.
    pub fn append(&mut self, part: &Self) {
        part.0.iter().for_each(|(first, last)| self.push(*first, *last));
    }

    /// Adds a range that lies above all others.
    fn push(&mut self, first: i64, last: i64) {
        match self.0.last_mut() {
            Some((_first, end)) if first == end.saturating_add(1) => *end = last,
            _ => self.0.push((first, last)),
        }
    }

    /// The ranges, first and last place of each.
    #[must_use]
    pub fn ranges(&self) -> &[(i64, i64)] {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many places.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(first, last)| last.abs_diff(*first).saturating_add(1)).sum()
    }

    /// Whether `seq` is among them.
    #[must_use]
    pub fn contains(&self, seq: i64) -> bool {
        let next = self.0.partition_point(|(first, _last)| *first <= seq);
        next.checked_sub(1).is_some_and(|index| seq <= self.0[index].1)
    }

    /// Whether one of them lies between `first` and `last`, both included.
    #[must_use]
    pub fn any_between(&self, first: i64, last: i64) -> bool {
        let next = self.0.partition_point(|(_from, to)| *to < first);
        self.0.get(next).is_some_and(|(from, _to)| *from <= last)
    }

    /// The places, ascending.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// What of them lies between `first` and `last`, both included.
    #[must_use]
    pub fn between(&self, first: i64, last: i64) -> Self {
        let cut = self.0.iter().map(|(from, to)| (*from.max(&first), *to.min(&last)));
        Self(cut.filter(|(from, to)| from <= to).collect())
    }

    /// What lies between `first` and `last`, both included, and is not among them.
    #[must_use]
    pub fn missing(&self, first: i64, last: i64) -> Self {
        let (mut missing, mut next) = (Self::default(), first);
        for (from, to) in self.between(first, last).0 {
            if next < from {
                missing.push(next, from - 1);
            }
            next = to.saturating_add(1);
        }
        if next <= last {
            missing.push(next, last);
        }
        missing
    }

    /// Those that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().flat_map(|(first, last)| other.missing(*first, *last).0).collect())
    }
}

impl Display for SeqRanges {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_has_one_text() {
        let ranges = SeqRanges::of([1, 2, 3, 5, 9, 10]);
        assert_eq!(ranges.to_string(), "1-3,5,9-10");
        assert_eq!(SeqRanges::parse("1-3,5,9-10").unwrap(), ranges);
        assert_eq!(SeqRanges::parse("").unwrap(), SeqRanges::default());
        for bad in
            ["0", "-1", "1-", "3-1", "1,1", "2,1", "1-2,3", "1-1", "01", "+1", "1,", ",1", "1 ", "a", "1-2-3"]
        {
            assert!(SeqRanges::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_missing_is_the_rest() {
        let ranges = SeqRanges::of([2, 3, 7]);
        assert_eq!(ranges.missing(1, 9).to_string(), "1,4-6,8-9");
        assert_eq!(ranges.missing(2, 3).to_string(), "");
        assert_eq!(ranges.between(3, 6).to_string(), "3");
        assert_eq!(ranges.without(&SeqRanges::of([3])).to_string(), "2,7");
        assert_eq!(
            (ranges.len(), ranges.contains(3), ranges.contains(4), ranges.contains(1)),
            (3, true, false, false)
        );
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [2, 3, 7]);
        let any = [(1, 1), (1, 2), (3, 3), (4, 6), (5, 9), (8, 9)]
            .map(|(first, last)| ranges.any_between(first, last));
        assert_eq!(any, [false, true, true, false, true, false]);
    }
}
