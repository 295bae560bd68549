//! An ISO 8601 week that exists: `2026-W47`.

use std::fmt::{self, Display, Formatter};

/// A week of the ISO calendar. Years that have only 52 weeks have no `W53`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Week {
    year: u16,
    number: u8,
}

impl Week {
    /// Reads exactly `YYYY-Www`; `None` for anything else, and for weeks that do not exist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, number) = text.split_once("-W")?;
        let is_plain = |part: &str, width| part.len() == width && part.bytes().all(|b| b.is_ascii_digit());
        if !is_plain(year, 4) || !is_plain(number, 2) {
            return None;
        }
        let week = Self { year: year.parse().ok()?, number: number.parse().ok()? };
        (week.year >= 1 && (1..=weeks_in(week.year)).contains(&week.number)).then_some(week)
    }
}

impl Display for Week {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.number)
    }
}

/// A year has 53 weeks if it ends on a Thursday, or the year before ended on a Wednesday.
fn weeks_in(year: u16) -> u8 {
    let last_weekday = |year: u16| (year + year / 4 - year / 100 + year / 400) % 7;
    if last_weekday(year) == 4 || last_weekday(year - 1) == 3 { 53 } else { 52 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_years_are_those_of_the_calendar() {
        // Every long year from 1998 to 2032.
        let long: Vec<u16> = (1998..=2032).filter(|&year| weeks_in(year) == 53).collect();
        assert_eq!(long, [1998, 2004, 2009, 2015, 2020, 2026, 2032]);
        // 71 in each cycle of 400 years.
        assert_eq!((2001..=2400).filter(|&year| weeks_in(year) == 53).count(), 71);
    }

    #[test]
    fn reads_weeks_that_exist() {
        for text in ["2026-W01", "2026-W47", "2026-W53", "2020-W53", "0001-W01", "9999-W52"] {
            assert_eq!(Week::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_all_else() {
        for text in [
            "",
            "2026",
            "2026-W0",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2027-W53",
            "26-W01",
            "2026-w01",
            "2026W01",
            "2026-W1",
            "2026-W001",
            "+026-W01",
            "2026-W+1",
            " 2026-W01",
            "2026-W01 ",
            "2026-W01-1",
            "2026-47",
            "0000-W01",
            "12026-W01",
            "２０２６-W01",
            "2026-W４",
            "2026-W-1",
        ] {
            assert_eq!(Week::parse(text), None, "{text:?}");
        }
    }
}
