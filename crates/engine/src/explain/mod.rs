//! What an API would answer to a token, and why: every check of a guard, in a guard's order, for the operator who asks.
//!
//! 1. [`route`]: a guard's router looks for the route before anybody looks at a token.
//! 2. [`form`]: what was presented, which key is to have signed it, and whether it did.
//! 3. [`claims`]: what the token says, as a guard reads it.
//! 4. [`standing`]: whether what the token hangs on still stands. The one authority decides, asked about one thing at a
//!    time; guards know the same from the event stream.
//! 5. [`route`] again: the scopes that the route needs, and the company that the path names.
//!
//! The first check that fails is what the API answers. The later ones are made all the same, as far as there is
//! something to look at, for there may be more to mend than one thing. Of the token nothing is told but its header and claims.
//!
//! Guards must not know this crate, nor it them, so steps 2, 3 and 5 are written there too; a test of the command line
//! runs both on the same tokens.

mod claims;
mod form;
mod route;
mod standing;
mod words;

use tokenry_clock::Timestamp;
use tokenry_model::ResourceServer;
use tokenry_protocol::secret::Secret;
use tokenry_store::{Error as StoreError, Store};

use crate::keyring::DataKey;
use crate::settings::Settings;

pub use route::{Access, Policy, Route};

/// Explains tokens. It only reads.
#[derive(Clone, Copy, Debug)]
pub struct Explainer<'a> {
    /// Where everything is stored.
    pub store: &'a Store,
    /// Opens the signing keys: one that it did not seal is none of ours.
    pub data_key: &'a DataKey,
    /// Issuer, namespace and brand.
    pub settings: &'a Settings,
}

/// What is asked.
#[derive(Debug)]
pub struct Question {
    /// What was presented, whatever it is.
    pub token: Secret,
    /// The API that it is presented to.
    pub api: ResourceServer,
    /// The route; `None`: only the token is asked about.
    pub route: Option<Route>,
    /// When. Dates and keys are judged as of then; clients, companies and revocations are as they are stored now.
    pub at: Timestamp,
}

/// The checks, in the order in which a guard makes them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Check {
    /// The API has the route, and the route asks for a token.
    Route,
    /// What was presented has the form of an access token, or is a known opaque one.
    Framing,
    /// The key that it names is in the key set.
    Key,
    /// It is signed with the key's algorithm.
    Algorithm,
    /// It says that it is an access token (RFC 9068 §2.1).
    Type,
    /// The key signed it.
    Signature,
    /// It is of this issuer.
    Issuer,
    /// It is for this API.
    Audience,
    /// What every access token says is there, and of the right form (RFC 9068 §2.2).
    Claims,
    /// It says for which company it is.
    Tenant,
    /// It is valid already, and still.
    Dates,
    /// The client that it was issued to may act.
    Client,
    /// The user who let the client have it may act, and belongs to the company that it is for.
    User,
    /// What it was issued under has not ended.
    Handle,
    /// It was not revoked by itself.
    Revocation,
    /// The company that it is for, and the client's home, are enabled.
    Company,
    /// It has the scopes that the route needs.
    Scope,
    /// It opens the company that the path names.
    PathCompany,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 18] = [
        Self::Route,
        Self::Framing,
        Self::Key,
        Self::Algorithm,
        Self::Type,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Claims,
        Self::Tenant,
        Self::Dates,
        Self::Client,
        Self::User,
        Self::Handle,
        Self::Revocation,
        Self::Company,
        Self::Scope,
        Self::PathCompany,
    ];

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Algorithm => "algorithm",
            Self::Audience => "audience",
            Self::Claims => "claims",
            Self::Client => "client",
            Self::Company => "company",
            Self::Dates => "dates",
            Self::Framing => "framing",
            Self::Handle => "handle",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::PathCompany => "path_company",
            Self::Revocation => "revocation",
            Self::Route => "route",
            Self::Scope => "scope",
            Self::Signature => "signature",
            Self::Tenant => "tenant",
            Self::Type => "type",
            Self::User => "user",
        }
    }
}

/// What the API answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Whatever the route's handler does.
    Allowed,
    /// The token lacks one of these scopes, which the route needs.
    InsufficientScope {
        /// All that the route needs.
        required: Vec<String>,
    },
    /// The token is not valid, for whatever reason.
    InvalidToken,
    /// The route has no such method.
    MethodNotAllowed,
    /// The path names a company that the token does not open.
    TenantMismatch,
    /// The token has expired.
    TokenExpired,
    /// There is no such route.
    UnknownRoute,
}

/// How a check ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Badly; and what the API answers, if nothing failed before.
    Failed(Verdict),
    /// Well.
    Passed,
    /// There was nothing to check.
    Skipped,
}

/// One check and how it ended.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub check: Check,
    /// How it ended.
    pub outcome: Outcome,
    /// What was expected and what was there, in sentences.
    pub detail: String,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the API answers.
    pub verdict: Verdict,
    /// Every check, in order.
    pub findings: Vec<Finding>,
}

impl Explainer<'_> {
    /// Says what the API would answer, and why.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn explain(&self, question: &Question) -> Result<Explanation, StoreError> {
        let mut findings = Findings::default();
        if let Some(why) = route::look_up(question.route.as_ref(), &mut findings) {
            return Ok(findings.conclude(why));
        }
        let Some(token) = form::read(self, question, &mut findings).await? else {
            return Ok(findings.conclude("There is no token to look into."));
        };
        let said = claims::check(&token, self.settings, question, &mut findings);
        standing::check(self.store, &said, question, &mut findings).await?;
        route::check(self.store, &said, question.route.as_ref(), &mut findings).await?;
        Ok(findings.conclude("There was nothing to check."))
    }
}

/// The checks that were made so far.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn pass(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Outcome::Passed, detail);
    }

    fn skip(&mut self, check: Check, detail: impl Into<String>) {
        self.add(check, Outcome::Skipped, detail);
    }

    /// Passes over a check unless it failed before.
    fn skip_unless_made(&mut self, check: Check, detail: &str) {
        if !self.0.iter().any(|finding| finding.check == check) {
            self.skip(check, detail);
        }
    }

    fn fail(&mut self, check: Check, verdict: Verdict, detail: impl Into<String>) {
        self.add(check, Outcome::Failed(verdict), detail);
    }

    /// Most failures look alike from outside.
    fn refuse(&mut self, check: Check, detail: impl Into<String>) {
        self.fail(check, Verdict::InvalidToken, detail);
    }

    fn add(&mut self, check: Check, outcome: Outcome, detail: impl Into<String>) {
        self.0.push(Finding { check, outcome, detail: detail.into() });
    }

    /// Every check in order, those that were not made with the reason for it. The first that failed decides.
    fn conclude(mut self, not_made: &str) -> Explanation {
        for check in Check::ALL {
            self.skip_unless_made(check, not_made);
        }
        self.0.sort_by_key(|finding| finding.check);
        let first = self.0.iter().find_map(|finding| match &finding.outcome {
            Outcome::Failed(verdict) => Some(verdict.clone()),
            Outcome::Passed | Outcome::Skipped => None,
        });
        Explanation { verdict: first.unwrap_or(Verdict::Allowed), findings: self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_check_that_fails_decides_in_whatever_order_they_were_made() {
        let mut findings = Findings::default();
        findings.fail(Check::Dates, Verdict::TokenExpired, "late");
        findings.refuse(Check::Tenant, "none");
        findings.pass(Check::Key, "good");
        let explanation = findings.conclude("not made");
        assert_eq!(explanation.verdict, Verdict::InvalidToken);
        let checks: Vec<_> = explanation.findings.iter().map(|finding| finding.check).collect();
        assert_eq!(checks, Check::ALL, "each of them once");
    }
}
