//! What was promised, held against what an API answered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use super::tokens::{Kind, Token};
use crate::reach::api::{DENIED, SERVED};

/// How late a revocation may reach a guard that calls itself fresh.
const BOUND: Duration = Duration::from_secs(2);
/// How many broken promises are told in full.
const TOLD: usize = 10;

/// A request to an API, and its answer.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) path: &'static str,
    pub(super) sent: Instant,
    pub(super) answered: Instant,
    pub(super) status: u16,
    pub(super) code: String,
    /// Whether the guard's record of its decision said so.
    pub(super) stale: bool,
}

/// How often what happened, and what should not have.
#[derive(Default)]
pub(super) struct Findings {
    counts: Mutex<BTreeMap<&'static str, usize>>,
    broken: Mutex<Vec<String>>,
}

impl Findings {
    pub(super) fn judge(&self, call: &Call, token: &Token) {
        match judge(call, token) {
            Ok(what) => self.count(what),
            Err(promise) => self.broken.lock().unwrap().push(format!("{promise}: {call:?} with {token:?}")),
        }
    }

    pub(super) fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap().entry(what).or_default() += 1;
    }

    /// Nothing was broken, and there was something to break.
    #[track_caller]
    pub(super) fn must_be_good(&self) {
        let broken = self.broken.lock().unwrap();
        assert!(broken.is_empty(), "{} times: {:#?}", broken.len(), &broken[..broken.len().min(TOLD)]);
        let counts = self.counts.lock().unwrap();
        let needed = [
            "honest: served",
            "honest: served while stale",
            "honest: refused while stale",
            "honest: cannot be asked about",
            "dead: refused",
            "propagated",
            "not propagated",
        ];
        let missing: Vec<_> = needed.iter().filter(|what| !counts.contains_key(*what)).collect();
        assert!(missing.is_empty(), "this never happened: {missing:?} in {counts:?}");
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, broken: {}", self.counts.lock().unwrap(), self.broken.lock().unwrap().len())
    }
}

/// What kind of good answer it is, or which promise it breaks.
fn judge(call: &Call, token: &Token) -> Result<&'static str, &'static str> {
    match (call.status, call.code.as_str()) {
        (200, _) => judge_served(call, token),
        (401, "invalid_token") => judge_refused(call, token),
        // All come from one address, which shows much that is dead; what lives is served all the same.
        (429, "rate_limited") if token.kind == Kind::Opaque => judge_refused(call, token),
        (503, "access_data_stale") if token.kind == Kind::Signed && call.path == DENIED && call.stale => {
            Ok(if is(&token.dying) { "dead: refused while stale" } else { "honest: refused while stale" })
        }
        (503, "introspection_unavailable") if token.kind == Kind::Opaque => {
            Ok(if is(&token.dying) { "dead: cannot be asked about" } else { "honest: cannot be asked about" })
        }
        _ => Err("an answer that is none of the documented ones"),
    }
}

fn judge_served(call: &Call, token: &Token) -> Result<&'static str, &'static str> {
    let late = |since: &OnceLock<Instant>, by| since.get().is_some_and(|at| call.sent > *at + by);
    let may_be_stale = token.kind == Kind::Signed && call.path == SERVED;
    if late(&token.confirmed, Duration::ZERO) {
        return Err("it passed after the guards were said to have confirmed");
    }
    if call.stale && !may_be_stale {
        return Err("a stale decision where none is allowed");
    }
    match (late(&token.dead, BOUND), call.stale, is(&token.dying)) {
        (true, false, _) => Err("it passed outside the bound"),
        (true, true, _) => Ok("dead: served while stale"),
        (false, _, true) => Ok("dying: served"),
        (false, true, false) => Ok("honest: served while stale"),
        (false, false, false) => Ok("honest: served"),
    }
}

fn judge_refused(call: &Call, token: &Token) -> Result<&'static str, &'static str> {
    if token.dying.get().is_some_and(|at| *at < call.answered) {
        return Ok("dead: refused");
    }
    // A guard that cannot know yet that the company is back has to take it for disabled.
    match token.enabled_at {
        Some(at) if call.stale || call.sent <= at + BOUND => Ok("honest: company not known to be back"),
        _ => Err("an honest token was refused"),
    }
}

fn is(at: &OnceLock<Instant>) -> bool {
    at.get().is_some()
}
