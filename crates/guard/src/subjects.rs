//! Of whom it was said that what they may do has changed: what was asked about them before counts no more.
//!
//! Changes are counted, and an answer bears the count of when it was asked for. What was remembered is not searched for: the
//! next request that wants it sees that it is too old.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use tokio::time::Instant;

/// Longer than any answer is used.
const KEEP: Duration = Duration::from_secs(120);

/// With more subjects everybody's answers are forgotten.
const MAX_SUBJECTS: usize = 10_000;

/// The changes of one issuer's subjects.
#[derive(Default)]
pub(crate) struct Subjects {
    /// How many there were.
    count: AtomicU64,
    changes: RwLock<Changes>,
}

#[derive(Default)]
struct Changes {
    /// The last one that may be about anybody.
    everybody: u64,
    by_subject: HashMap<Arc<str>, u64>,
    /// The same, the first one first, with when it came.
    order: VecDeque<(Instant, Arc<str>, u64)>,
}

impl Subjects {
    /// How many changes are known, for an answer that is asked for now.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// What this subject may do has changed; `None`: what somebody may do.
    pub(crate) fn change(&self, subject: Option<&str>, now: Instant) {
        let mut changes = self.changes.write();
        let number = self.count() + 1;
        changes.drop_old(now);
        match subject {
            Some(subject) if changes.order.len() < MAX_SUBJECTS => {
                let subject = Arc::<str>::from(subject);
                changes.by_subject.insert(Arc::clone(&subject), number);
                changes.order.push_back((now, subject, number));
            }
            _ => *changes = Changes { everybody: number, ..Changes::default() },
        }
        self.count.store(number, Ordering::Release);
    }

    /// Whether an answer about this subject is as good as when it was asked for, at that count.
    pub(crate) fn is_unchanged(&self, subject: &str, asked: u64) -> bool {
        if self.count() == asked {
            return true;
        }
        let changes = self.changes.read();
        changes.everybody <= asked && changes.by_subject.get(subject).is_none_or(|number| *number <= asked)
    }
}

impl Changes {
    fn drop_old(&mut self, now: Instant) {
        while let Some((_, subject, number)) =
            self.order.pop_front_if(|(at, ..)| now.duration_since(*at) > KEEP)
        {
            if self.by_subject.get(&subject) == Some(&number) {
                self.by_subject.remove(&subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_before_a_change_counts_no_more() {
        let (subjects, now) = (Subjects::default(), Instant::now());
        let before = subjects.count();
        assert!(subjects.is_unchanged("ann", before));
        subjects.change(Some("ann"), now);
        assert!(!subjects.is_unchanged("ann", before));
        assert!(subjects.is_unchanged("bob", before));
        let after = subjects.count();
        assert!(subjects.is_unchanged("ann", after));
        subjects.change(None, now);
        for subject in ["ann", "bob"] {
            assert!(!subjects.is_unchanged(subject, after), "{subject}");
            assert!(subjects.is_unchanged(subject, subjects.count()), "{subject}");
        }
    }

    #[test]
    fn changes_are_kept_as_long_as_answers_and_no_longer() {
        let (subjects, now) = (Subjects::default(), Instant::now());
        let before = subjects.count();
        subjects.change(Some("ann"), now);
        subjects.change(Some("ann"), now + KEEP);
        subjects.change(Some("bob"), now + KEEP + Duration::from_secs(1));
        assert!(!subjects.is_unchanged("ann", before), "the second one is younger");
        subjects.change(Some("bob"), now + 3 * KEEP);
        assert_eq!(subjects.changes.read().by_subject.len(), 1);
        assert_eq!(subjects.changes.read().order.len(), 1);
    }

    #[test]
    fn more_subjects_than_are_kept_are_everybody() {
        let (subjects, now) = (Subjects::default(), Instant::now());
        let before = subjects.count();
        (0..=MAX_SUBJECTS).for_each(|n| subjects.change(Some(&format!("user{n}")), now));
        assert!(!subjects.is_unchanged("somebody else", before));
        assert!(subjects.changes.read().by_subject.is_empty());
        assert!(subjects.is_unchanged("user1", subjects.count()));
    }
}
