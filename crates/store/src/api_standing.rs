//! Which API presents itself, with the secret that it presents, read at once: every question that an API asks begins so.

use tokenry_model::{Digest, ResourceServer, ResourceServerId, ResourceServerSecret};

use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::resource_server_secrets::read_api_secret;
use crate::resource_servers::read_resource_server;
use crate::{Store, params, statements};

statements! {
    /// A digest is of a secret that nobody can guess, so how long it takes to find one tells nothing.
    pub(crate) FIND_API_STANDING =
        "SELECT a.id, a.name, a.audience, a.scopes, a.access_token_ttl, a.signing_alg, a.dialect, a.token_format, a.tenanted, \
         a.version, a.created_at, s.id, s.resource_server_id, s.digest, s.label, s.last4, s.created_at, s.expires_at, \
         s.revoked_at, s.last_used_at FROM resource_servers a \
         LEFT JOIN resource_server_secrets s ON s.digest = $2 AND s.resource_server_id = a.id WHERE a.id = $1";
}

/// How many columns the statement has of a secret.
const SECRET_COLUMNS: usize = 9;

/// An API, and the secret that it presents.
#[derive(Clone, Debug)]
pub struct ApiStanding {
    /// The API.
    pub resource_server: ResourceServer,
    /// Its secret of the digest that was asked for, also if it works no more.
    pub secret: Option<ResourceServerSecret>,
}

impl Store {
    /// The API of that id, and its secret of that digest, if it has one.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_api_standing(
        &self,
        id: &ResourceServerId,
        secret: &Digest,
    ) -> Result<Option<ApiStanding>> {
        let values = params![id.as_str(), secret.as_bytes().as_slice()];
        self.db.opt(FIND_API_STANDING, &values).await?.as_ref().map(standing).transpose()
    }
}

fn standing(row: &Row) -> Result<ApiStanding> {
    let mut read = Reader::new(row, "resource_servers");
    let resource_server = read_resource_server(&mut read)?;
    read.table("resource_server_secrets");
    let secret = read.joined(SECRET_COLUMNS, read_api_secret)?;
    Ok(ApiStanding { resource_server, secret })
}
