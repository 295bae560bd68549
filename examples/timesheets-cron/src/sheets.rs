//! The CSV file: employee, week and hours, in any order of columns. Mistakes are named with their lines.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ReaderBuilder, StringRecord, Trim};
use serde::Serialize;

const COLUMNS: [&str; 3] = ["employee", "week", "hours"];
const MAX_MISTAKES: usize = 20;

/// One line of the file; serialised, it is what the API takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Sheet {
    pub(crate) employee: String,
    pub(crate) week: String,
    pub(crate) hours: f64,
    /// Where it stands in the file, counted from 1.
    #[serde(skip)]
    pub(crate) line: u64,
}

/// Reads the file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Sheet>> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot open {name}"))?;
    parse(&bytes).with_context(|| format!("{name} cannot be uploaded"))
}

fn parse(bytes: &[u8]) -> anyhow::Result<Vec<Sheet>> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => bail!("line {}: not UTF-8", Lines::of(bytes).at(error.valid_up_to())),
    };
    // `flexible`, so that a line with too few or too many fields gets a message of ours.
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(text.as_bytes());
    let mut lines = Lines::of(text.as_bytes());
    let columns = columns(reader.headers().context("line 1")?)?;
    let (mut sheets, mut mistakes) = (Vec::new(), Vec::new());
    let mut seen: HashMap<(String, String), u64> = HashMap::new();
    for record in reader.records() {
        let record = record?;
        let begin = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(usize::try_from(begin).unwrap_or(usize::MAX));
        match sheet(&record, columns, line) {
            Ok(sheet) => match seen.insert((sheet.employee.clone(), sheet.week.clone()), line) {
                Some(first) => {
                    mistakes.push(format!("line {line}: the same employee and week as line {first}"));
                }
                None => sheets.push(sheet),
            },
            Err(mistake) => mistakes.push(format!("line {line}: {mistake}")),
        }
    }
    if mistakes.is_empty() {
        return Ok(sheets);
    }
    let more = mistakes.len().saturating_sub(MAX_MISTAKES);
    mistakes.truncate(MAX_MISTAKES);
    if more > 0 {
        mistakes.push(format!("and {more} more"));
    }
    bail!("nothing was sent:\n  {}", mistakes.join("\n  "))
}

/// Counts lines. The reader's own count is one short where lines end in CR LF, as spreadsheets write them.
struct Lines<'a> {
    bytes: &'a [u8],
    line: u64,
    read: usize,
}

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, line: 1, read: 0 }
    }

    /// The line of what stands at `offset`, after line ends; offsets only grow.
    fn at(&mut self, offset: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.read) {
            if self.read >= offset && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(byte == b'\n');
            self.read += 1;
        }
        self.line
    }
}

/// Where each of the three columns is.
fn columns(headers: &StringRecord) -> anyhow::Result<[usize; 3]> {
    let find = |name: &str| headers.iter().position(|header| header == name);
    match (COLUMNS.map(find), headers.len()) {
        ([Some(employee), Some(week), Some(hours)], 3) => Ok([employee, week, hours]),
        _ => {
            let found: Vec<&str> = headers.iter().collect();
            bail!("line 1: the columns must be {}; found: {:?}", COLUMNS.join(","), found.join(","))
        }
    }
}

fn sheet(record: &StringRecord, columns: [usize; 3], line: u64) -> Result<Sheet, String> {
    if record.len() != COLUMNS.len() {
        return Err(format!("{} fields, expected are 3", record.len()));
    }
    let [employee, week, hours] = columns.map(|at| &record[at]);
    let hours: f64 = match hours.parse() {
        Ok(number) if f64::is_finite(number) => number,
        _ => return Err(format!("hours is no number: {hours:?}")),
    };
    Ok(Sheet { employee: employee.to_owned(), week: week.to_owned(), hours, line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(csv: &str) -> String {
        format!("{:#}", parse(csv.as_bytes()).unwrap_err())
    }

    #[test]
    fn reads_columns_in_any_order_quoted_or_not_with_a_bom_or_without() {
        let sheet = |line| Sheet { employee: "Ann, Dr.".into(), week: "2026-W47".into(), hours: 38.5, line };
        let csv = "\u{feff}week,hours,employee\r\n2026-W47, 38.5 ,\"Ann, Dr.\"\r\n";
        assert_eq!(parse(csv.as_bytes()).unwrap(), [sheet(2)]);
    }

    #[test]
    fn a_file_without_lines_is_no_mistake() {
        assert_eq!(parse(b"employee,week,hours\n").unwrap(), []);
    }

    #[test]
    fn mistakes_are_named_with_their_lines_and_all_at_once() {
        let csv = "employee,week,hours\nAnn,2026-W47,forty\nBob,2026-W47,40\nCarl,2026-W47\nBob,2026-W47,41\n\
                   Dora,2026-W47,NaN\n";
        let text = mistakes(csv);
        for part in [
            "nothing was sent",
            "line 2: hours is no number: \"forty\"",
            "line 4: 2 fields, expected are 3",
            "line 5: the same employee and week as line 3",
            "line 6: hours is no number: \"NaN\"",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        for csv in [
            "employee,week,hours\n\"Ann\nMaria\",2026-W47,40\nBob,2026-W47,x\n",
            "employee,week,hours\r\nAnn,2026-W47,40\r\n\r\nBob,2026-W47,x",
            "\u{feff}employee,week,hours\n\n\nBob,2026-W47,x\n",
        ] {
            let text = mistakes(csv);
            assert!(text.contains("line 4: hours"), "{csv:?}: {text}");
        }
    }

    #[test]
    fn wrong_columns_are_named() {
        for csv in [
            "",
            "name,week,hours\n",
            "employee,week\n",
            "employee,week,hours,rate\n",
            "employee;week;hours\n",
        ] {
            let text = mistakes(csv);
            assert!(text.contains("the columns must be employee,week,hours"), "{csv:?}: {text}");
        }
    }

    #[test]
    fn a_file_of_errors_is_cut_off() {
        let text = mistakes(&format!("employee,week,hours\n{}", "a,b,c\n".repeat(50)));
        assert!(text.ends_with("and 30 more"), "{text}");
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_named_with_their_line() {
        let error = parse(b"employee,week,hours\nM\xfcller,2026-W47,40\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2: not UTF-8");
    }
}
