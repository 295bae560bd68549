//! The scenarios: a row each of the table of speed, memory and scale.

use anyhow::Result;
use clap::ValueEnum;

use super::report::Report;
use super::seed::{MANY, SOME, Seeded};
use super::token::{self, Asking, Database};
use super::{
    Arguments, Description, Pair, cold_start, compare, growth, introspect, isolation, memory, noise, refresh,
    rival, whoami,
};

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Scenario {
    /// The floor against itself: how far a ratio may be trusted.
    Noise,
    /// POST /oauth/token, client credentials, RS256, one of 100,000 clients in SQLite asks, durable audit.
    TokenSqlite,
    /// The same, each of the 100,000 clients in its turn.
    TokenSqliteAll,
    /// The same on PostgreSQL, each of the clients in its turn.
    TokenPostgres,
    /// One of 100,000 clients in SQLite asks, ES256.
    TokenEs256,
    /// One of 100,000 clients in SQLite asks, Ed25519.
    TokenEddsa,
    /// POST /oauth/token with a refresh token, RS256 access token and ID token, durable audit.
    Refresh,
    /// Latency of POST /oauth/token while sign-ins saturate their lane.
    Isolation,
    /// npm's oidc-provider on its adapter in memory.
    RivalOidcProvider,
    /// GET /whoami at an API behind the guard, with a JWT that it has seen before.
    Whoami,
    /// The same, the signature checked each time.
    WhoamiUnseen,
    /// GET /whoami with a personal access token about which the guard has asked.
    WhoamiPat,
    /// The same with the cookie for APIs of a session.
    WhoamiCookie,
    /// POST /oauth/introspect of a JWT.
    Introspect,
    /// POST /oauth/introspect of a personal access token.
    IntrospectPat,
    /// Memory of a server: idle, and after a million tokens for 100,000 clients.
    Memory,
    /// From exec to the first token, with 100,000 clients in the database.
    ColdStart,
    /// A token request with 100,000 clients in the database, against one with 100.
    GrowthClients,
    /// A token request with 5 million audit rows in the database, against one with none.
    GrowthAudit,
}

impl Scenario {
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    pub(crate) fn measure(self, arguments: &Arguments, seeded: &mut Seeded) -> Result<Report> {
        let (description, pair): (Description, Pair) = match self {
            Self::ColdStart => return cold_start::measure(seeded),
            Self::Introspect => return introspect::measure(introspect::Asked::Jwt, arguments, seeded),
            Self::IntrospectPat => return introspect::measure(introspect::Asked::Pat, arguments, seeded),
            Self::Isolation => return isolation::measure(arguments, seeded),
            Self::Memory => return memory::measure(seeded),
            Self::GrowthAudit => growth::with_audit(seeded)?,
            Self::GrowthClients => growth::with_clients(seeded)?,
            Self::Noise => noise::start()?,
            Self::Refresh => refresh::start(arguments, seeded)?,
            Self::RivalOidcProvider => rival::start(seeded)?,
            Self::TokenEddsa => token::start(seeded, Database::Sqlite, "EdDSA", Asking::One)?,
            Self::TokenEs256 => token::start(seeded, Database::Sqlite, "ES256", Asking::One)?,
            Self::TokenPostgres => token::start(seeded, Database::Postgres, "RS256", Asking::Each(SOME))?,
            Self::TokenSqlite => token::start(seeded, Database::Sqlite, "RS256", Asking::One)?,
            Self::TokenSqliteAll => token::start(seeded, Database::Sqlite, "RS256", Asking::Each(MANY))?,
            Self::Whoami => whoami::start(whoami::Shown::SeenJwt)?,
            Self::WhoamiCookie => whoami::start(whoami::Shown::Cookie)?,
            Self::WhoamiPat => whoami::start(whoami::Shown::Pat)?,
            Self::WhoamiUnseen => whoami::start(whoami::Shown::UnseenJwt)?,
        };
        Ok(compare(&description, pair, arguments)?.report())
    }
}
