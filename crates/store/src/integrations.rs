//! Integrations: a connection to another system, with a client of its own.

use tokenry_clock::Timestamp;
use tokenry_model::{Client, ClientGrant, ClientId, ClientSecret, Integration, IntegrationId, Record};

use crate::change_log::Entity;
use crate::clients::{insert_client, remove_client};
use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::insert;
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "id, name, client_id, created_at"
    };
}

statements! {
    /// A name wins over an id, as far as one can be mistaken for the other.
    pub(crate) FIND_INTEGRATION = concat!(
        "SELECT ", columns!(), " FROM integrations WHERE name = $1 OR id = $1 \
         ORDER BY CASE WHEN name = $1 THEN 0 ELSE 1 END LIMIT 1"
    );
    pub(crate) LIST_INTEGRATIONS =
        concat!("SELECT ", columns!(), " FROM integrations WHERE name > $1 ORDER BY name LIMIT $2");
    pub(crate) INSERT_INTEGRATION =
        concat!("INSERT INTO integrations (", columns!(), ") VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
    pub(crate) INTEGRATION_CLIENT = "SELECT client_id FROM integrations WHERE id = $1";
}

impl Store {
    /// The integration of that name or id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_integration(&self, name_or_id: &str) -> Result<Option<Integration>> {
        let row = self.db.opt(FIND_INTEGRATION, &params![name_or_id]).await?;
        row.as_ref().map(integration).transpose()
    }

    /// Up to `limit` integrations after the name `after`, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_integrations(&self, after: Option<&str>, limit: i64) -> Result<Vec<Integration>> {
        let rows = self.db.list(LIST_INTEGRATIONS, &params![after.unwrap_or(""), limit]).await?;
        rows.iter().map(integration).collect()
    }

    /// Makes an integration with its client, which is bound to its company, its grant and its secret: all of it or
    /// nothing.
    ///
    /// # Errors
    /// When the name or anything else unique is taken, when the company or the API does not exist, or when the
    /// database does not answer.
    pub async fn create_integration(
        &self,
        integration: &Integration,
        client: &Client,
        secret: &ClientSecret,
        grant: &ClientGrant,
        records: &[Record],
    ) -> Result<()> {
        let input = (integration.clone(), client.clone(), secret.clone(), grant.clone(), records.to_vec());
        self.change(input, |tx, (integration, client, secret, grant, records)| {
            Box::pin(async move {
                insert_client(tx, client, Some(secret), std::slice::from_ref(grant)).await?;
                let values = params![
                    integration.id.as_str(),
                    integration.name.as_str(),
                    integration.client_id.as_str(),
                    integration.created_at,
                ];
                insert(tx, INSERT_INTEGRATION, &values, Entity::Integration).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Removes an integration with its client and all that is its, and says what guards must learn of it; `None` when
    /// there is none of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_integration(
        &self,
        id: &IntegrationId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let Some(row) = tx.opt(INTEGRATION_CLIENT, &params![id.as_str()]).await? else {
                    return Ok(None);
                };
                let announced = remove_client(tx, row.text(0)?, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }
}

fn integration(row: &Row) -> Result<Integration> {
    let mut read = Reader::new(row, "integrations");
    Ok(Integration {
        id: read.parse("id", IntegrationId::parse)?,
        name: read.string("name")?,
        client_id: read.parse("client_id", ClientId::parse)?,
        created_at: read.at("created_at")?,
    })
}
