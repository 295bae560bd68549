//! A timesheet, and what a body has to say to become one.

use serde::Serialize;
use tokenry_guard::Timestamp;

use crate::json::{self, Broken, Members};
use crate::week::Week;

const MAX_EMPLOYEE: usize = 200;
const HOURS_IN_A_WEEK: f64 = 168.0;
/// As many faults as anyone reads.
const MAX_FAULTS: usize = 20;
const MAX_NAME: usize = 64;

/// A stored timesheet, as every answer shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Timesheet {
    pub(crate) id: String,
    pub(crate) company_id: String,
    pub(crate) employee: String,
    /// ISO week, `2026-W47`.
    pub(crate) week: String,
    pub(crate) hours: f64,
    /// RFC 3339; null until somebody approves.
    #[serde(serialize_with = "rfc_3339")]
    pub(crate) approved_at: Option<Timestamp>,
}

/// A timesheet that somebody sends; complete and plausible.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewTimesheet {
    pub(crate) employee: String,
    pub(crate) week: Week,
    /// 0 to 168.
    pub(crate) hours: f64,
}

/// A line of an import, which may name a company of the caller's corporation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImportedTimesheet {
    pub(crate) company_id: Option<String>,
    pub(crate) sheet: NewTimesheet,
}

/// What is wrong with one member.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    /// Which object of an import, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<usize>,
    pub(crate) member: String,
    pub(crate) detail: &'static str,
}

/// Why a body is no timesheet.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// The JSON is broken.
    Broken(Broken),
    /// The JSON is fine, the values are not.
    Invalid(Vec<Fault>),
}

impl From<Broken> for Rejection {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl NewTimesheet {
    /// Reads one object.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, Rejection> {
        let mut reader = Reader::new(json::object(body)?, None);
        let sheet = reader.sheet()?;
        reader.finish(sheet)
    }
}

impl ImportedTimesheet {
    /// Reads an array of objects; the faults of all of them, up to the twentieth.
    pub(crate) fn list_from_json(body: &[u8]) -> Result<Vec<Self>, Rejection> {
        let (mut sheets, mut faults) = (Vec::new(), Vec::new());
        for (index, members) in json::array(body)?.into_iter().enumerate() {
            let mut reader = Reader::new(members, Some(index));
            let company_id = reader.company_id()?;
            let sheet = reader.sheet()?;
            match reader.finish(sheet) {
                Ok(sheet) => sheets.push(Self { company_id, sheet }),
                Err(Rejection::Invalid(more)) => {
                    faults.extend(more.into_iter().take(MAX_FAULTS - faults.len()));
                }
                Err(broken) => return Err(broken),
            }
            // A body of nothing but faults must not cost more than one without.
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        if faults.is_empty() { Ok(sheets) } else { Err(Rejection::Invalid(faults)) }
    }
}

/// Takes members out of an object; what is left at the end does not belong there.
struct Reader<'a> {
    faults: Vec<Fault>,
    index: Option<usize>,
    members: Members<'a>,
}

impl<'a> Reader<'a> {
    fn new(members: Members<'a>, index: Option<usize>) -> Self {
        Self { faults: Vec::new(), index, members }
    }

    /// The three members of every timesheet; `None` if one is missing or wrong, which is then among the
    /// faults.
    fn sheet(&mut self) -> Result<Option<NewTimesheet>, Broken> {
        let employee = self.employee()?;
        let week = self.week()?;
        let hours = self.hours();
        Ok(match (employee, week, hours) {
            (Some(employee), Some(week), Some(hours)) => Some(NewTimesheet { employee, week, hours }),
            _ => None,
        })
    }

    fn employee(&mut self) -> Result<Option<String>, Broken> {
        let text = self.string("employee")?;
        let problem = text.as_ref().and_then(|text| {
            if text.trim().is_empty() {
                Some("must not be empty")
            } else if text.chars().count() > MAX_EMPLOYEE {
                Some("must have at most 200 characters")
            } else {
                text.contains(char::is_control).then_some("must not contain control characters")
            }
        });
        Ok(match problem {
            Some(problem) => self.fault("employee", problem),
            None => text,
        })
    }

    fn week(&mut self) -> Result<Option<Week>, Broken> {
        let Some(text) = self.string("week")? else { return Ok(None) };
        Ok(Week::parse(&text)
            .or_else(|| self.fault("week", "must be an ISO week that exists, like 2026-W47")))
    }

    fn hours(&mut self) -> Option<f64> {
        let value = self.take("hours")?;
        match json::number(value) {
            // Adding zero makes -0 a plain 0.
            Some(hours) if (0.0..=HOURS_IN_A_WEEK).contains(&hours) => Some(hours + 0.0),
            Some(_) => self.fault("hours", "must be between 0 and 168"),
            None => self.fault("hours", "must be a number"),
        }
    }

    fn company_id(&mut self) -> Result<Option<String>, Broken> {
        if !self.members.0.iter().any(|(name, _)| name == "company_id") {
            return Ok(None);
        }
        self.string("company_id")
    }

    fn string(&mut self, name: &str) -> Result<Option<String>, Broken> {
        let Some(value) = self.take(name) else { return Ok(None) };
        Ok(json::string(value)?.or_else(|| self.fault(name, "must be a string")))
    }

    fn take(&mut self, name: &str) -> Option<&'a serde_json::value::RawValue> {
        match self.members.0.iter().position(|(known, _)| known == name) {
            Some(at) => Some(self.members.0.swap_remove(at).1),
            None => self.fault(name, "is missing"),
        }
    }

    fn fault<T>(&mut self, member: &str, detail: &'static str) -> Option<T> {
        if self.faults.len() == MAX_FAULTS {
            return None;
        }
        let member = member.chars().take(MAX_NAME).collect();
        self.faults.push(Fault { index: self.index, member, detail });
        None
    }

    /// The value, unless something was wrong or is left over.
    fn finish<T>(mut self, value: Option<T>) -> Result<T, Rejection> {
        for (name, _) in std::mem::take(&mut self.members.0) {
            let _: Option<()> = self.fault(&name, "is not a member of a timesheet");
        }
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Rejection::Invalid(self.faults)),
        }
    }
}

fn rfc_3339<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_string()).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn faults(body: &str) -> Vec<(String, &'static str)> {
        match NewTimesheet::from_json(body.as_bytes()) {
            Err(Rejection::Invalid(faults)) => {
                faults.into_iter().map(|fault| (fault.member, fault.detail)).collect()
            }
            other => panic!("{body}: {other:?}"),
        }
    }

    fn sheet(hours: &str) -> Result<f64, Rejection> {
        let body = format!(r#"{{"employee":"Ann","week":"2026-W47","hours":{hours}}}"#);
        NewTimesheet::from_json(body.as_bytes()).map(|sheet| sheet.hours)
    }

    #[rstest]
    #[case("0", 0.0)]
    #[case("-0", 0.0)]
    #[case("38.5", 38.5)]
    #[case("168", 168.0)]
    #[case("1.68e2", 168.0)]
    #[case("1e-400", 0.0)]
    fn hours_of_a_week(#[case] text: &str, #[case] hours: f64) {
        let read = sheet(text).unwrap();
        assert!((read - hours).abs() < f64::EPSILON && read.is_sign_positive(), "{text}: {read}");
    }

    #[rstest]
    #[case("-0.1")]
    #[case("168.1")]
    #[case("1e400")]
    #[case("-1e400")]
    #[case("99999999999999999999999999")]
    #[case("\"38\"")]
    #[case("\"NaN\"")]
    #[case("null")]
    #[case("true")]
    #[case("[38]")]
    #[case("{}")]
    fn http_14_other_hours_are_invalid_not_broken(#[case] text: &str) {
        assert!(matches!(sheet(text), Err(Rejection::Invalid(_))), "{text}");
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let expected = [
            ("employee".to_owned(), "must not be empty"),
            ("week".to_owned(), "must be an ISO week that exists, like 2026-W47"),
            ("hours".to_owned(), "is missing"),
            ("company_id".to_owned(), "is not a member of a timesheet"),
        ];
        assert_eq!(faults(r#"{"employee":" ","week":"2025-W53","company_id":"globex"}"#), expected);
    }

    #[test]
    fn an_employee_has_1_to_200_characters_however_long_they_are() {
        let body = |name: &str| format!(r#"{{"employee":"{name}","week":"2026-W47","hours":1}}"#);
        assert!(NewTimesheet::from_json(body(&"é".repeat(200)).as_bytes()).is_ok());
        assert_eq!(faults(&body(&"é".repeat(201)))[0].1, "must have at most 200 characters");
        assert_eq!(faults(&body(r"a\nb"))[0].1, "must not contain control characters");
    }

    #[test]
    fn an_import_names_the_object_at_fault() {
        let body = br#"[{"employee":"Ann","week":"2026-W47","hours":1,"company_id":"acme"},
                        {"employee":"Bob","week":"2026-W47"},{"week":3,"hours":1,"employee":"Carl"}]"#;
        let Err(Rejection::Invalid(faults)) = ImportedTimesheet::list_from_json(body) else {
            panic!("accepted")
        };
        let faults: Vec<_> = faults.iter().map(|fault| (fault.index, &*fault.member)).collect();
        assert_eq!(faults, [(Some(1), "hours"), (Some(2), "week")]);
    }

    #[test]
    fn an_import_of_nothing_but_faults_stops_at_the_twentieth() {
        let list = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
        let Err(Rejection::Invalid(faults)) = ImportedTimesheet::list_from_json(list(5_000).as_bytes())
        else {
            panic!("accepted")
        };
        assert_eq!(faults.len(), 20);
        assert_eq!(faults[19].index, Some(6));
        let one = format!("{{{}}}", (0..60).map(|n| format!(r#""m{n}":1"#)).collect::<Vec<_>>().join(","));
        assert_eq!(super::tests::faults(&one).len(), 20);
        let refused = ImportedTimesheet::list_from_json(list(5_001).as_bytes());
        assert!(matches!(refused, Err(Rejection::Broken(_))), "{refused:?}");
    }
}
