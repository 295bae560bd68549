//! The tokens that were handed out, and when which of them died.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::time::Instant;

use super::rng::Rng;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Opaque,
    Signed,
}

/// A token that was handed out.
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Which client got it, and with which secret.
    pub(super) holder: usize,
    pub(super) secret: String,
    /// For which company.
    pub(super) company: usize,
    /// When its company had been enabled again, if it was: until a guard knows, it takes the company for disabled.
    pub(super) enabled_at: Option<Instant>,
    /// Before the request that ended it.
    pub(super) dying: OnceLock<Instant>,
    /// After the answer.
    pub(super) dead: OnceLock<Instant>,
    /// After every guard was said to have confirmed.
    pub(super) confirmed: OnceLock<Instant>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("kind", &self.kind)
            .field("holder", &self.holder)
            .field("company", &self.company)
            .field("dying", &self.dying)
            .field("dead", &self.dead)
            .field("confirmed", &self.confirmed)
            .finish_non_exhaustive()
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Tokens(Mutex<All>);

#[derive(Default)]
struct All {
    live: Vec<Arc<Token>>,
    ended: Vec<Arc<Token>>,
}

impl Tokens {
    pub(super) fn add(&self, token: Token) {
        self.0.lock().unwrap().live.push(Arc::new(token));
    }

    pub(super) fn live(&self) -> Vec<Arc<Token>> {
        self.0.lock().unwrap().live.clone()
    }

    pub(super) fn ended(&self) -> Vec<Arc<Token>> {
        self.0.lock().unwrap().ended.clone()
    }

    pub(super) fn count_live(&self) -> usize {
        self.0.lock().unwrap().live.len()
    }

    /// Takes these from the living, and from now on they may be refused.
    pub(super) fn end(&self, which: impl Fn(&Token) -> bool) -> Vec<Arc<Token>> {
        let mut all = self.0.lock().unwrap();
        let now = Instant::now();
        let ending: Vec<_> = all.live.extract_if(.., |token| which(token)).collect();
        ending.iter().for_each(|token| mark(&token.dying, now));
        all.ended.extend(ending.iter().map(Arc::clone));
        ending
    }

    /// A living one, or as often a dead one, mostly one of the last.
    pub(super) fn any(&self, kind: Kind, rng: &mut Rng) -> Option<Arc<Token>> {
        let all = self.0.lock().unwrap();
        let last = all.ended.len().saturating_sub(30);
        let of = match rng.below(6) {
            0..3 => &all.live[..],
            3 => &all.ended[..],
            _ => &all.ended[last..],
        };
        let of: Vec<_> = of.iter().filter(|token| token.kind == kind).collect();
        rng.pick(&of).map(|token| Arc::clone(token))
    }
}

/// Writes down the instant, once.
pub(super) fn mark(at: &OnceLock<Instant>, now: Instant) {
    at.set(now).expect("a token dies once");
}
