//! Instants and waits as people read them. Instants are in UTC, and say so: nobody tells us where they are.

use std::time::Duration;

use tokenry_clock::Timestamp;

use super::Words;

impl Words {
    /// "21 November 2026 at 15:04 UTC".
    pub(crate) fn at(&self, at: Timestamp) -> String {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        let at = at.to_zoned(jiff::tz::TimeZone::UTC);
        let (year, time) = (at.strftime("%Y").to_string(), at.strftime("%H:%M").to_string());
        self.instant(i64::from(at.day()), i64::from(at.month()), year, time)
    }

    /// "in 12 days", "3 hours ago".
    pub(crate) fn relative(&self, at: Timestamp, now: Timestamp) -> String {
        let (ahead, behind) = (at.since(now), now.since(at));
        let minutes = ahead.max(behind).as_secs().div_ceil(60).max(1);
        match (at > now, minutes) {
            (true, 2_880..) => self.within_days(rounded(minutes, 1_440)),
            (true, 120..) => self.within_hours(rounded(minutes, 60)),
            (true, _) => self.within_minutes(minutes),
            (false, 2_880..) => self.days_ago(rounded(minutes, 1_440)),
            (false, 120..) => self.hours_ago(rounded(minutes, 60)),
            (false, _) => self.minutes_ago(minutes),
        }
    }

    /// `why`, a sentence, and when to try again.
    pub(crate) fn wait(&self, why: &str, wait: Duration) -> String {
        let within = match seconds(wait) {
            secs @ ..=90 => self.within_seconds(secs),
            secs => self.within_minutes(secs.div_ceil(60)),
        };
        self.try_again(why, within)
    }
}

/// How often `unit` is in `all`, to the nearest whole number.
const fn rounded(all: u64, unit: u64) -> u64 {
    (all + unit / 2) / unit
}

/// Whole seconds, rounded up.
pub(crate) fn seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::language::Language;

    #[test]
    fn an_instant_is_told_as_its_language_has_it() {
        let at = Timestamp::from_secs(1_764_555_000);
        for (language, said) in [
            (Language::De, "1. Dezember 2025, 02:10 Uhr UTC"),
            (Language::En, "1 December 2025 at 02:10 UTC"),
            (Language::Es, "1 de diciembre de 2025, 02:10 UTC"),
            (Language::Fr, "1er décembre 2025 à 02:10 UTC"),
        ] {
            assert_eq!(Words::of(language).at(at), said);
        }
    }

    #[test]
    fn every_month_has_its_own_name() {
        for language in Language::ALL {
            let words = Words::of(language);
            let mut names: Vec<_> = (1..=12).map(|month| words.instant(2, month, "2026", "")).collect();
            names.dedup();
            assert_eq!(names.len(), 12, "{names:?}");
        }
    }

    #[test]
    fn an_instant_is_told_from_now() {
        let now = Timestamp::from_secs(1_764_555_000);
        let words = Words::of(Language::En);
        for (seconds, ahead, behind) in [
            (0, None, "1 minute ago"),
            (60, Some("in a minute"), "1 minute ago"),
            (7_140, Some("in 119 minutes"), "119 minutes ago"),
            (7_200, Some("in 2 hours"), "2 hours ago"),
            (86_400, Some("in 24 hours"), "24 hours ago"),
            (172_800, Some("in 2 days"), "2 days ago"),
            (7_775_940, Some("in 90 days"), "90 days ago"),
        ] {
            let by = Duration::from_secs(seconds);
            assert_eq!(words.relative(now.minus(by), now), behind);
            if let Some(ahead) = ahead {
                assert_eq!(words.relative(now.plus(by), now), ahead);
            }
        }
        let later = now.plus(Duration::from_secs(12 * 86_400));
        let said = [Language::De, Language::Es, Language::Fr].map(|it| Words::of(it).relative(later, now));
        assert_eq!(said, ["in 12 Tagen", "dentro de 12 días", "dans 12 jours"]);
    }

    #[test]
    fn a_wait_is_told_in_words() {
        for (millis, said) in [
            (0, "No. Try again in a second."),
            (1_001, "No. Try again in 2 seconds."),
            (90_000, "No. Try again in 90 seconds."),
            (90_001, "No. Try again in 2 minutes."),
            (900_000, "No. Try again in 15 minutes."),
        ] {
            assert_eq!(Words::of(Language::En).wait("No.", Duration::from_millis(millis)), said);
        }
    }
}
