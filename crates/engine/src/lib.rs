//! Tokenry's verbs: the only place that decides. No HTTP, no HTML, no SQL text.

mod access_token;
mod account;
mod api_auth;
pub mod audit;
mod authorize;
pub mod backup;
mod client_auth;
mod client_keys;
mod context;
mod credential;
mod end_session;
mod engine;
pub mod explain;
mod guard;
mod introspect;
pub mod keyring;
pub mod keys;
mod leaks;
mod limits;
mod logout;
pub mod mail;
pub mod manage;
mod mint;
mod minting;
mod origins;
mod own;
mod own_jwt;
mod passkeys;
mod policy;
mod profile;
mod quotas;
mod refusal;
mod refusals;
mod revoke;
pub mod seed;
pub mod session;
mod settings;
mod sign_in;
mod slow_hash;
mod sweep;
mod table;
pub mod themes;
mod token;
mod usage;
mod userinfo;

pub use account::{AccountEvent, AccountExport, By, ExportError, Happened, LeaveError};
pub use authorize::{
    Act, AllowedApi, AllowedApp, AllowedPlace, AllowedScope, ApiScopes, AuthorizeRefusal, AwaitedSignIn,
    CompanyChoice, ConsentQuestion, FLOW_TTL, ScopeText, Step, TenantName,
};
pub use client_keys::{FetchError, FetchKeys, FetchedKeys, Fetching, NoFetching};
pub use context::Context;
pub use end_session::{EndSession, SignOutQuestion};
pub use engine::{Engine, NotReady, OpenError};
pub use guard::{EventStream, GuardRefusal, Message, SnapshotReader};
pub use leaks::{GithubCall, GithubError, LeakVerdict};
pub use logout::{PostError, PostLogout, Posting};
pub use own::{
    AccountSecretError, BadAddress, IssuedPat, MAX_PAT_ADDRESSES, MAX_PAT_NAME, MAX_PAT_NOTE, MAX_PATS,
    MIN_PAT_LIFETIME, NewPat, OwnAccountSecret, OwnPat, OwnPatApi, OwnSecretValue, PatError, PatState,
    ReachableApi, SentForm, bad_address,
};
pub use passkeys::{MAX_PASSKEY_NAME, Passkey, PasskeyChallenge, PasskeyError, PasskeyPrompt};
pub use policy::limits::GuessLimits;
pub use policy::others_ports::is_others_port;
pub use policy::redirect_uri::{Destination, form_target};
pub use profile::{OwnProfile, ProfileError, ProfileField, ProfileProblem};
pub use quotas::QuotaStanding;
pub use refusal::{Cause, Exceeded, Refusal};
pub use settings::{Reveal, SessionSettings, Settings};
pub use sign_in::{
    ChangePasswordError, HalfProven, InvalidUsername, MAX_PASSWORD_BYTES, MAX_PASSWORD_CHARS,
    MIN_PASSWORD_CHARS, OwnFactors, PASSWORD_PAUSE, PasswordError, ProvenUser, RecoveryCodes, SignIn,
    SignInError, TotpEnrolment, TotpError, UnfitPassword, WRONG_CODES_TOLD_AT, canonical_username,
};
pub use token::Issued;
pub use userinfo::{NO_TOKEN, UserInfo};
