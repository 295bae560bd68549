//! Who a client is that presents itself: with the secret that it presents, and its home company, read at once.
//!
//! Every token request reads this. One statement is one view of the three, and one round trip to PostgreSQL.

use tokenry_model::{Client, ClientId, ClientSecret, Company, Digest};

use crate::client_secrets::read_secret;
use crate::clients::read_client;
use crate::companies::read_company;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    /// A digest is of a secret that nobody can guess, so how long it takes to find one tells nothing.
    pub(crate) FIND_CLIENT_STANDING =
        "SELECT c.id, c.name, c.kind, c.auth_method, c.jwks, c.jwks_uri, c.company_id, c.corporation_id, c.error_style, \
         c.first_party, c.require_pkce, c.redirect_uris, c.post_logout_redirect_uris, c.backchannel_logout_uri, \
         c.access_token_ttl, c.claims, c.disabled_at, c.version, c.created_at, c.tokens_per_hour, c.tokens_per_day, c.skip_consent, \
         s.id, s.client_id, s.digest, s.argon2id, s.label, s.last4, s.created_at, s.expires_at, s.revoked_at, \
         s.last_used_at, o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM clients c LEFT JOIN client_secrets s ON s.digest = $2 AND s.client_id = c.id \
         LEFT JOIN companies o ON o.id = c.company_id WHERE c.id = $1";
}

/// How many columns the statement has of a secret.
const SECRET_COLUMNS: usize = 10;
/// And of a company.
const COMPANY_COLUMNS: usize = 6;

/// A client, and what its right to act hangs on.
#[derive(Clone, Debug)]
pub struct ClientStanding {
    /// The client.
    pub client: Client,
    /// Its secret of the digest that was asked for, also if it works no more.
    pub secret: Option<ClientSecret>,
    /// The company that it is bound to.
    pub home: Option<Company>,
}

impl ClientStanding {
    /// Whether it is bound to a company that is not there.
    #[must_use]
    pub fn lacks_home(&self) -> bool {
        self.client.binding.home().is_some() && self.home.is_none()
    }
}

impl Store {
    /// The client of that id with its home company; and its secret of that digest, if it has one.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn find_client_standing(
        &self,
        id: &ClientId,
        secret: Option<&Digest>,
    ) -> Result<Option<ClientStanding>> {
        let values = params![id.as_str(), secret.map(|digest| digest.as_bytes())];
        self.db.opt(FIND_CLIENT_STANDING, &values).await?.as_ref().map(standing).transpose()
    }
}

fn standing(row: &Row) -> Result<ClientStanding> {
    let mut read = Reader::new(row, "clients");
    let client = read_client(&mut read)?;
    read.table("client_secrets");
    let secret = read.joined(SECRET_COLUMNS, read_secret)?;
    read.table("companies");
    let home = read.joined(COMPANY_COLUMNS, read_company)?;
    Ok(ClientStanding { client, secret, home })
}
