//! Tokenry's nouns. Ids are typed, states are enums whose transitions consume the old state, and nothing here does I/O.

mod account_secret;
mod audit;
mod authorization_code;
mod checkpoint;
mod client;
mod client_grant;
mod client_keys;
mod client_secret;
mod color;
mod company;
mod consent;
mod digest;
mod event;
mod ids;
mod integration;
mod last_use;
mod leak;
mod logout;
mod mail;
mod membership;
mod mint_quota;
mod opaque_token;
mod pat;
mod refresh_token;
mod resource_server;
mod revocation;
mod rng;
mod role;
mod second_factors;
mod seq_ranges;
mod session;
mod signing_key;
mod tenant;
mod text_enum;
mod theme;
mod token_family;
mod token_handle;
mod user;

pub use account_secret::{AccountSecret, SealedSecret};
pub use audit::{Actor, Outcome, Record, RecordColumns, Subject, network};
pub use authorization_code::AuthorizationCode;
pub use checkpoint::{AuditRemoval, Checkpoint, MARK_LEN, RowChain};
pub use client::{Client, ClientAuthMethod, ClientState, ClientType, ErrorStyle, GrantType, MethodFamily};
pub use client_grant::ClientGrant;
pub use client_keys::ClientKeys;
pub use client_secret::{ClientSecret, SecretVerifier};
pub use color::{Color, InvalidColor};
pub use company::{Company, Corporation};
pub use consent::Consent;
pub use digest::{Digest, DigestDomain};
pub use event::Event;
pub use ids::{
    ClientGrantId, ClientId, CompanyId, CorporationId, IntegrationId, InvalidId, PatId, ResourceServerId,
    SecretId, SessionId, UserId, uuid_v7,
};
pub use integration::Integration;
pub use last_use::LastUse;
pub use leak::{Leak, LeakKind};
pub use logout::LogoutOutcome;
pub use mail::{About, LinkPurpose, MailLink, OutboxMail};
pub use membership::Membership;
pub use mint_quota::{MintQuota, QuotaPeriod};
pub use opaque_token::OpaqueToken;
pub use pat::{Pat, PatApi, PatReach, PatValue};
pub use refresh_token::{RefreshToken, RefreshTokenState};
pub use resource_server::{
    MAX_TOKEN_TTL, ResourceServer, ResourceServerSecret, ScopeDefinition, TokenFormat,
};
pub use revocation::{Revocation, RevokedKind};
pub use rng::{Rng, SystemRng, random_base62, random_text};
pub use role::{HeldScope, Role, RolePermission};
pub use second_factors::SecondFactors;
pub use seq_ranges::{InvalidSeqRanges, SeqRanges};
pub use session::{AuthMethod, Session};
pub use signing_key::{KeyState, SigningKeyRecord, WrongKeyState};
pub use tenant::{OutOfReach, Tenant, TenantBinding};
pub use text_enum::UnknownValue;
pub use theme::{Accent, Theme};
pub use token_family::TokenFamily;
pub use token_handle::TokenHandle;
pub use user::{User, UserState};
