//! What somebody asks of a new token, as the form has it, through every step until it is made; and what of that cannot be.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tokenry_clock::Timestamp;
use tokenry_engine::{
    BadAddress, MAX_PAT_ADDRESSES, MAX_PAT_NAME, MAX_PAT_NOTE, NewPat, PatError, ReachableApi, bad_address,
};
use tokenry_protocol::params::Params;
use tokenry_protocol::scope::ScopeToken;

use super::section::Access;
use crate::words::Words;

const DAY: u64 = 86_400;
const HALF_A_DAY: Duration = Duration::from_secs(DAY / 2);
/// For how many days a token lives, if its owner does not name a day.
pub(super) const PRESETS: [u64; 5] = [7, 30, 60, 90, 365];
const USUAL: u64 = 90;
/// Names of boxes begin so, since no name may stand twice.
const API: &str = "api.";
const SCOPE: &str = "scope.";
/// In the place of a number of days.
pub(super) const ON_A_DAY: &str = "date";
pub(super) const CHOSEN: &str = "chosen";
/// How many scopes of a link are named that there are not: a link is written by anybody.
const MAX_UNKNOWN: usize = 10;

/// What is written in the form.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Wish {
    pub(super) name: String,
    pub(super) note: String,
    /// A number of days, or [`ON_A_DAY`].
    pub(super) expires: String,
    pub(super) date: String,
    /// The company's id; empty: the only one.
    pub(super) company: String,
    /// [`CHOSEN`], or all.
    pub(super) access: String,
    /// The audiences at which all is asked for.
    pub(super) apis: Vec<String>,
    /// An audience, a space and a scope, each.
    pub(super) scopes: Vec<String>,
    pub(super) addresses: String,
    /// Scopes that a link asks for, wherever they are.
    pub(super) prefilled: Vec<String>,
}

/// Something that cannot be taken, and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Problem {
    pub(super) field: &'static str,
    pub(super) text: String,
}

impl Wish {
    /// What a form says.
    pub(super) fn of_form(params: &Params) -> Self {
        let text = |name| params.get(name).unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            note: text("note"),
            expires: text("expires"),
            date: text("date"),
            company: text("company"),
            access: text("access"),
            apis: params.all(API).map(str::to_owned).collect(),
            scopes: params.all(SCOPE).map(str::to_owned).collect(),
            addresses: text("addresses"),
            prefilled: Vec::new(),
        }
    }

    /// What a link says: `name`, `note`, `scopes` with a space or a comma between them, and `expires_in` in seconds.
    pub(super) fn of_link(params: &Params, longest: Duration, now: Timestamp) -> Self {
        let text = |name| params.get(name).unwrap_or_default().to_owned();
        let scopes = text("scopes");
        let prefilled: Vec<_> =
            scopes.split([' ', ',']).filter(|it| ScopeToken::parse(it).is_ok()).map(str::to_owned).collect();
        let (expires, date) = expiry(params.get("expires_in"), longest, now);
        Self {
            name: text("name"),
            note: text("note"),
            company: text("company"),
            access: if prefilled.is_empty() { String::new() } else { CHOSEN.to_owned() },
            expires,
            date,
            prefilled,
            ..Self::default()
        }
    }

    /// Ticks the scopes that a link asks for, and says which of them there are not.
    pub(super) fn tick(&mut self, apis: &[ReachableApi]) -> Vec<String> {
        let mut unknown = Vec::new();
        for scope in std::mem::take(&mut self.prefilled) {
            let at = apis.iter().filter(|api| api.scope.contains(&scope));
            let found: Vec<_> = at.map(|api| format!("{} {scope}", api.audience)).collect();
            if found.is_empty() && unknown.len() < MAX_UNKNOWN && !unknown.contains(&scope) {
                unknown.push(scope);
            }
            self.scopes.extend(found);
        }
        unknown
    }

    /// All of it, for the hidden fields of a page that shows it as a whole.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let texts = [
            ("name", &self.name),
            ("note", &self.note),
            ("expires", &self.expires),
            ("date", &self.date),
            ("company", &self.company),
            ("access", &self.access),
            ("addresses", &self.addresses),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), value.clone()));
        let numbered = |prefix: &'static str, values: &[String]| -> Vec<_> {
            values.iter().enumerate().map(|(n, value)| (format!("{prefix}{n}"), value.clone())).collect()
        };
        let all = texts.into_iter().chain(numbered(API, &self.apis)).chain(numbered(SCOPE, &self.scopes));
        all.filter(|(_name, value)| !value.is_empty()).collect()
    }

    /// When a value that is made at `now` would expire; `None`: no day is named.
    pub(super) fn ends_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.expires == ON_A_DAY {
            return last_second(self.date.parse().ok()?);
        }
        let days: u64 = self.expires.parse().ok().filter(|days| PRESETS.contains(days))?;
        Some(now.plus(Duration::from_secs(days * DAY)))
    }

    /// How a link says the same in seconds, at the most `longest`. A day is named by its middle, or by that of what is left of it,
    /// so that it is that day still when somebody goes on with the link later.
    pub(super) fn seconds(&self, longest: Duration, now: Timestamp) -> Option<u64> {
        let left = self.ends_at(now)?.since(now);
        let early = if self.expires == ON_A_DAY { HALF_A_DAY.min(left / 2) } else { Duration::ZERO };
        Some((left - early).min(longest).as_secs())
    }

    /// What is asked for at which API, under the API's own name.
    pub(super) fn access(&self, apis: &[ReachableApi]) -> Access {
        if self.access != CHOSEN {
            return Access::Full;
        }
        let name = |audience: &String| {
            let api = apis.iter().find(|api| api.audience == *audience);
            api.map_or_else(|| audience.clone(), |api| api.name.clone())
        };
        Access::Chosen(self.each().into_iter().map(|(audience, scopes)| (name(&audience), scopes)).collect())
    }

    fn each(&self) -> Vec<(String, Option<Vec<String>>)> {
        let mut each: Vec<(String, Option<Vec<String>>)> =
            self.apis.iter().map(|audience| (audience.clone(), None)).collect();
        for ticked in &self.scopes {
            let Some((audience, scope)) = ticked.rsplit_once(' ') else { continue };
            match each.iter_mut().find(|(known, _scopes)| known == audience) {
                Some((_audience, Some(scopes))) => scopes.push(scope.to_owned()),
                Some((_audience, None)) => {}
                None => each.push((audience.to_owned(), Some(vec![scope.to_owned()]))),
            }
        }
        each
    }

    /// As the engine is asked.
    pub(super) fn new_pat(&self, now: Timestamp) -> NewPat {
        NewPat {
            name: self.name.clone(),
            note: self.note.clone(),
            expires_in: self.ends_at(now).map_or(Duration::ZERO, |end| end.since(now)),
            company_id: Some(self.company.clone()).filter(|id| !id.is_empty()),
            apis: None,
            scopes: None,
            each: (self.access == CHOSEN).then(|| self.each()),
            allowed_addresses: self.lines().map(|(_number, line)| line.to_owned()).collect(),
        }
    }

    /// The lines of addresses in which something stands, by their numbers.
    fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (1..).zip(self.addresses.lines().map(str::trim)).filter(|(_number, line)| !line.is_empty())
    }

    /// What is wrong that the form alone knows of: the engine would say it in English, or could not.
    pub(super) fn problems(&self, words: &Words) -> Vec<Problem> {
        let mut all = Vec::new();
        let ticked = !self.apis.is_empty() || !self.scopes.is_empty();
        match (self.access == CHOSEN, ticked) {
            (true, false) => all.push(Problem { field: "access", text: words.developer_access_none() }),
            (false, true) => all.push(Problem { field: "access", text: words.developer_access_both() }),
            _ => {}
        }
        if self.lines().count() > MAX_PAT_ADDRESSES {
            let text = words.developer_addresses_many(MAX_PAT_ADDRESSES as u64);
            all.push(Problem { field: "addresses", text });
            return all;
        }
        for (number, line) in self.lines() {
            let text = match bad_address(line) {
                None => continue,
                Some(BadAddress::Everybody) => words.developer_address_everybody(number, line),
                Some(BadAddress::Unreadable) => words.developer_address_unreadable(number, line),
            };
            all.push(Problem { field: "addresses", text });
        }
        all
    }
}

/// What the engine does not take, in words; `None`: it is not about what was written.
pub(super) fn problem(error: &PatError, latest: &str, words: &Words) -> Option<Problem> {
    let PatError::Invalid { field, .. } = error else { return None };
    let (field, text) = match *field {
        "name" => ("name", words.developer_name_unfit(MAX_PAT_NAME as u64)),
        "note" => ("note", words.developer_note_unfit(MAX_PAT_NOTE as u64)),
        "expires_in" => ("expires", words.developer_expiry_unfit(latest)),
        "company_id" => ("company", words.developer_company_unfit()),
        "apis" | "scopes" => ("access", words.developer_access_gone()),
        // Which line is wrong, and how, the form has said before the engine is asked.
        "allowed_addresses" => ("addresses", words.developer_addresses_many(MAX_PAT_ADDRESSES as u64)),
        _ => return None,
    };
    Some(Problem { field, text })
}

/// The end of a day, in UTC.
fn last_second(date: Date) -> Option<Timestamp> {
    let end = date.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(end.timestamp().as_millisecond()))
}

/// The day of an instant, as a field for days has it.
pub(super) fn day(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).date().to_string()
}

/// The choice that says `seconds`, or the usual one, with a day where none of the others does.
fn expiry(seconds: Option<&str>, longest: Duration, now: Timestamp) -> (String, String) {
    let offered = |days: &u64| days * DAY <= longest.as_secs();
    let usual = PRESETS.iter().filter(|days| offered(days) && **days <= USUAL).max();
    let usual =
        || usual.map_or_else(|| (ON_A_DAY.to_owned(), String::new()), |it| (it.to_string(), String::new()));
    let Some(seconds) = seconds.and_then(|seconds| seconds.parse::<u64>().ok()) else { return usual() };
    if seconds > longest.as_secs() || seconds == 0 {
        return usual();
    }
    match PRESETS.iter().find(|days| **days * DAY == seconds) {
        Some(days) => (days.to_string(), String::new()),
        None => (ON_A_DAY.to_owned(), day(now.plus(Duration::from_secs(seconds)))),
    }
}
