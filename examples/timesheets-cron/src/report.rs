//! What came of each line: the table goes to stdout, the summary to stderr.

use std::io::{self, Write};

use comfy_table::{Table, presets};

use crate::sheets::Sheet;
use crate::upload::Outcome;

pub(crate) struct Report(Vec<(Sheet, Outcome)>);

impl Report {
    pub(crate) fn new(lines: Vec<(Sheet, Outcome)>) -> Self {
        Self(lines)
    }

    /// Whether nothing was refused.
    pub(crate) fn is_clean(&self) -> bool {
        self.count(|outcome| matches!(outcome, Outcome::Refused(_))) == 0
    }

    pub(crate) fn print(&self) -> io::Result<()> {
        writeln!(io::stdout(), "{}", self.table().trim_fmt())?;
        let created = self.count(|outcome| matches!(outcome, Outcome::Created(_)));
        let existed = self.count(|outcome| matches!(outcome, Outcome::Existed(_)));
        let refused = self.0.len() - created - existed;
        say(&format!("{created} created, {existed} existed, {refused} refused"));
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["LINE", "EMPLOYEE", "WEEK", "HOURS", "RESULT", "ID OR REASON"]);
        for (sheet, outcome) in &self.0 {
            let (result, detail) = match outcome {
                Outcome::Created(id) => ("created", id),
                Outcome::Existed(id) => ("existed", id),
                Outcome::Refused(why) => ("refused", why),
            };
            let (line, hours) = (sheet.line.to_string(), sheet.hours.to_string());
            table.add_row([
                &line,
                &*plain(&sheet.employee),
                &*plain(&sheet.week),
                &hours,
                result,
                &*plain(detail),
            ]);
        }
        table
    }

    fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.0.iter().filter(|(_, outcome)| is(outcome)).count()
    }
}

/// Talk, for people.
pub(crate) fn say(text: &str) {
    // Nobody can be told that stderr is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// One line without control characters: neither file nor API may move our cursor.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: u64, outcome: Outcome) -> (Sheet, Outcome) {
        (Sheet { employee: "Ann\u{1b}[2J".into(), week: "2026-W47".into(), hours: 38.5, line }, outcome)
    }

    #[test]
    fn the_table_has_one_line_for_each_sheet_and_no_control_characters() {
        let report = Report::new(vec![
            line(2, Outcome::Created("a1".into())),
            line(3, Outcome::Existed("b2".into())),
            line(4, Outcome::Refused("422 invalid_timesheet:\nhours".into())),
        ]);
        let text = report.table().trim_fmt();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].contains("created") && lines[1].ends_with("a1"), "{text}");
        assert!(lines[3].ends_with("422 invalid_timesheet: hours"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(!report.is_clean());
    }

    #[test]
    fn running_it_twice_is_clean() {
        assert!(Report::new(vec![line(2, Outcome::Existed("b2".into()))]).is_clean());
    }
}
