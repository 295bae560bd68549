//! The token rows: `POST /oauth/token` at `tokenry serve`, with 100,000 clients in the database.

use anyhow::Result;
use tokenry_testpg::{Durability, Server as PostgresServer};

use super::contender::Contender;
use super::data::{Client, floor, token_load};
use super::seed::{MANY, SOME, Seeded};
use super::tokenry::serve_at_rest;
use super::{Description, Pair};

/// What the clients are in.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Database {
    Postgres,
    Sqlite,
}

/// Who asks for tokens, of all the clients that there are.
#[derive(Clone, Copy)]
pub(crate) enum Asking {
    /// The first so many, each in its turn.
    Each(u32),
    /// One.
    One,
}

impl Asking {
    const fn count(self) -> u32 {
        match self {
            Self::Each(count) => count,
            Self::One => 1,
        }
    }
}

pub(crate) fn start(
    seeded: &mut Seeded,
    database: Database,
    algorithm: &str,
    asking: Asking,
) -> Result<(Description, Pair)> {
    let description = describe(database, algorithm, asking);
    let mut beside: Vec<Box<dyn std::any::Any>> = Vec::new();
    let (data, url) = match database {
        Database::Postgres => {
            let server = PostgresServer::start_with(Durability::Lasting)?;
            let url = server.url().to_owned();
            beside.push(Box::new(server));
            (seeded.postgres(&url, SOME)?, url)
        }
        Database::Sqlite => {
            let data = seeded.sqlite(MANY)?;
            let url = data.sqlite();
            (data, url)
        }
    };
    let clients = data.some_clients(asking.count())?;
    let probe = Client::first_of(&clients)?.request();
    let (floor, floor_address) = floor(&clients, algorithm)?;
    let floor = Contender::new(floor, floor_address, probe.clone(), token_load(&clients))?;
    let (server, address) = serve_at_rest(&data, &url, algorithm, &probe)?;
    let ours = Contender::new(server, address, probe, token_load(&clients))?;
    // The first to go, so that the database outlives who uses it.
    beside.insert(0, Box::new(data));
    Ok((description, Pair { ours, floor, beside }))
}

fn describe(database: Database, algorithm: &str, asking: Asking) -> Description {
    let (name, goal) = match (database, algorithm, asking) {
        (Database::Postgres, ..) => ("token-postgres", 0.70),
        (Database::Sqlite, "ES256", _) => ("token-es256", 0.45),
        (Database::Sqlite, "EdDSA", _) => ("token-eddsa", 0.45),
        (Database::Sqlite, _, Asking::One) => ("token-sqlite", 0.80),
        (Database::Sqlite, _, Asking::Each(_)) => ("token-sqlite-all", 0.80),
    };
    let place = match database {
        Database::Postgres => "10,000 clients in PostgreSQL",
        Database::Sqlite => "100,000 clients in SQLite",
    };
    let who = match asking {
        Asking::Each(_) => "each in its turn",
        Asking::One => "one asks",
    };
    Description {
        name,
        title: format!(
            "POST /oauth/token: client credentials, {algorithm}, {place}, {who}, audit durable before the answer"
        ),
        subject: "tokenry",
        other: "floor",
        goal: Some(goal),
    }
}
