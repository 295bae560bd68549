//! The authorization endpoint up to the code (RFC 6749 §4.1.1, §4.1.2).
//!
//! 1. [`begin`] judges who asks and where the answer would go, before anything is sent there; then what is asked for, as far
//!    as that shows without the user. What is left is sealed ([`flow`]): nothing is stored for strangers.
//! 2. [`go_on`] opens it for a user who has signed in, and judges client and redirect URI again.
//! 3. The company for which the user acts (`policy/company.rs`), then what is granted (`policy/granted.rs`).
//! 4. Consent, if it is due (`policy/consent.rs`), is remembered; denying it is an answer too.
//! 5. [`issue`] makes family and code, if and only if nothing that the decision rests on has changed and the request has had
//!    no code and no denial yet: it never has another, whatever becomes of the first.

mod apps;
mod begin;
mod flow;
mod go_on;
mod hint;
mod issue;
mod page;
mod reach;
mod refusal;

pub use apps::{AllowedApi, AllowedApp, AllowedPlace, AllowedScope};
pub use flow::FLOW_TTL;
pub use go_on::{Act, Step};
pub(crate) use hint::Named;
pub(crate) use page::api_texts;
pub use page::{ApiScopes, AwaitedSignIn, CompanyChoice, ConsentQuestion, ScopeText, TenantName};
pub use refusal::AuthorizeRefusal;
