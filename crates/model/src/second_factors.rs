//! Second factors by their age, and which of them go when somebody comes back to an account by its mailbox.

use tokenry_clock::Timestamp;

/// Since when each of a user's second factors counts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SecondFactors {
    /// The authenticator.
    pub authenticator: Option<Timestamp>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<Timestamp>,
}

impl SecondFactors {
    /// What stays for whoever comes by the mailbox, where what was added after `since` may be that of somebody who had learned
    /// the password: everything or nothing. Adding a factor takes a proof by those that there are, so while one stands that
    /// was there at `since`, whoever had that one added the others.
    #[must_use]
    pub fn left(&self, since: Timestamp) -> Self {
        let vouched = self.authenticator.iter().chain(&self.passkeys).any(|added| *added <= since);
        if vouched { self.clone() } else { Self::default() }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.authenticator.is_none() && self.passkeys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    enum Who {
        Owner,
        Thief,
    }

    /// What somebody does an hour or more after the one before.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Add(Who),
        /// The owner removes the so-manieth of theirs.
        Remove(usize),
        Wait(u64),
    }

    /// An account whose password both know. Each factor is one of whoever added it.
    #[derive(Debug, Default)]
    struct Account {
        now: u64,
        factors: Vec<(Who, u64)>,
    }

    impl Account {
        /// Whoever signs in shows the password and, where there are factors, one of theirs.
        fn comes_in(&self, who: Who) -> bool {
            self.factors.is_empty() || self.factors.iter().any(|(whose, _added)| *whose == who)
        }

        fn take(&mut self, step: Step) {
            self.now += 1;
            match step {
                Step::Add(who) if self.comes_in(who) => self.factors.push((who, self.now)),
                Step::Remove(n) if self.comes_in(Who::Owner) => {
                    let owners = |factor: &(usize, &(Who, u64))| factor.1.0 == Who::Owner;
                    let found = self.factors.iter().enumerate().filter(owners).nth(n).map(|(at, _)| at);
                    found.map(|at| self.factors.remove(at));
                }
                Step::Wait(hours) => self.now += hours,
                Step::Add(_) | Step::Remove(_) => {}
            }
        }

        fn factors(&self) -> SecondFactors {
            let mut times = self.factors.iter().map(|(_who, added)| hour(*added));
            SecondFactors { authenticator: times.next(), passkeys: times.collect() }
        }
    }

    fn hour(hours: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(hours * 3_600))
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Add(Who::Owner)),
            Just(Step::Add(Who::Thief)),
            (0..3_usize).prop_map(Step::Remove),
            (1..120_u64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Whatever both have done: a thief who came within the window keeps nothing, and the owner loses nothing while a factor
        /// of theirs from before it stands.
        #[test]
        fn log_08_a_young_factor_goes_only_if_no_older_one_vouches_for_it(
            before in prop::collection::vec(step(), 0..12),
            lately in prop::collection::vec(step(), 0..12),
        ) {
            let mut account = Account::default();
            for step in before {
                // The thief has learned the password within the window only.
                if !matches!(step, Step::Add(Who::Thief)) {
                    account.take(step);
                }
            }
            let since = account.now;
            lately.into_iter().for_each(|step| account.take(step));
            let (factors, left) = (account.factors(), account.factors().left(hour(since)));
            let old = account.factors.iter().any(|(_who, added)| *added <= since);
            prop_assert_eq!(&left, &if old { factors } else { SecondFactors::default() });
            if account.factors.iter().any(|(who, _added)| *who == Who::Thief) {
                prop_assert!(left.is_empty(), "a thief keeps a factor: {:?}", account);
            }
        }
    }
}
