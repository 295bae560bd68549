//! Persistence: one SQL text that runs on SQLite and on PostgreSQL.
//!
//! [`db`] is the thin layer over rusqlite and tokio-postgres, [`migrate`] brings a schema up to date, and beside
//! them stands one file per entity, whose functions are protocol events that say who won.

pub mod archive;
pub mod db;
pub mod migrate;
pub mod statements;

mod audit;
mod audit_seal;
mod auth_failures;
mod backup;
mod change_log;
mod client_grants;
mod client_secrets;
mod client_standing;
mod clients;
mod companies;
mod copy;
mod corporations;
mod decode;
mod error;
mod guard_events;
mod guard_log;
mod guard_streams;
mod integrations;
mod keyring;
mod memberships;
mod meta;
mod mint_leases;
mod minted_tokens;
mod opaque_tokens;
mod place;
mod resource_server_secrets;
mod resource_servers;
mod restore;
mod revoked_tokens;
mod session_keys;
mod signing_keys;
mod store;
mod token_handles;
mod used_assertions;
mod users;

pub use audit::{Issue, IssueOutcome, StoredRecord};
pub use audit_seal::{AuditKeyRow, StoredCheckpoint};
pub use auth_failures::AuthFailures;
pub use backup::Pictured;
pub use change_log::{Change, Entity};
pub use client_grants::GrantTarget;
pub use client_secrets::{MAX_WORKING_SECRETS, RevokeSecret};
pub use client_standing::ClientStanding;
pub use clients::{ClientUpdate, OldTokens};
pub use companies::CompanyUpdate;
pub use copy::{Copied, CopyError, copied_columns, copy};
pub use error::{Error, Result};
pub use guard_events::Announced;
pub use guard_log::{GuardEvent, GuardEventKind};
pub use guard_streams::{Ack, GuardStanding, GuardStream, OpenStream};
pub use keyring::{DataKeyRow, Init, KeyringRow, Rewrap};
pub use mint_leases::{TokenLease, UnusedTokens};
pub use minted_tokens::MintedTokens;
pub use place::{is_alone, put_in_place, settle};
pub use resource_servers::ResourceServerUpdate;
pub use restore::{Ended, Filling};
pub use revoked_tokens::{RevokeToken, RevokedToken, TokenEnding};
pub use session_keys::{SessionKeyLeave, SessionKeyRow};
pub use signing_keys::{Leave, Rotated, Rotation};
pub use store::Store;
pub use token_handles::{GrantReach, Switch};
pub use used_assertions::UseAssertion;
