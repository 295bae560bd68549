//! Corporations: what holds several companies.

use std::collections::BTreeMap;

use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, Corporation, CorporationId, Record};

use crate::change_log::{self, Entity};
use crate::consents::DELETE_CONSENTS_OF_CORPORATION;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::store::{insert, must_be_unused};
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FIND_CORPORATION = "SELECT id, name, created_at FROM corporations WHERE id = $1";
    pub(crate) LIST_CORPORATIONS =
        "SELECT id, name, created_at FROM corporations WHERE id > $1 ORDER BY id LIMIT $2";
    pub(crate) CORPORATION_EXISTS = "SELECT id FROM corporations WHERE id = $1";
    pub(crate) INSERT_CORPORATION =
        "INSERT INTO corporations (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    pub(crate) COUNT_COMPANIES = "SELECT COUNT(*) FROM companies WHERE corporation_id = $1";
    pub(crate) COUNT_CORPORATION_CLIENTS = "SELECT COUNT(*) FROM clients WHERE corporation_id = $1";
    pub(crate) DELETE_CORPORATION = "DELETE FROM corporations WHERE id = $1";
    pub(crate) COMPANY_DIRECTORY =
        "SELECT g.id AS corporation_id, c.id FROM corporations g \
         LEFT JOIN companies c ON c.corporation_id = g.id AND c.disabled_at IS NULL ORDER BY g.id, c.id";
}

impl Store {
    /// The corporation of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_corporation(&self, id: &CorporationId) -> Result<Option<Corporation>> {
        let row = self.db.opt(FIND_CORPORATION, &params![id.as_str()]).await?;
        row.as_ref().map(corporation).transpose()
    }

    /// Up to `limit` corporations after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_corporations(
        &self,
        after: Option<&CorporationId>,
        limit: i64,
    ) -> Result<Vec<Corporation>> {
        let after = after.map_or("", CorporationId::as_str);
        let rows = self.db.list(LIST_CORPORATIONS, &params![after, limit]).await?;
        rows.iter().map(corporation).collect()
    }

    /// The enabled companies of every corporation, also of one that has none: what a corporation in a token reaches.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn company_directory(&self) -> Result<BTreeMap<CorporationId, Vec<CompanyId>>> {
        let rows = self.db.list(COMPANY_DIRECTORY, &[]).await?;
        let mut directory = BTreeMap::<_, Vec<_>>::new();
        for row in &rows {
            let mut read = Reader::new(row, "companies");
            let corporation = read.parse("corporation_id", CorporationId::parse)?;
            let companies = directory.entry(corporation).or_default();
            companies.extend(read.opt_parse("id", CompanyId::parse)?);
        }
        Ok(directory)
    }

    /// Makes a corporation.
    ///
    /// # Errors
    /// When its id is taken, or the database does not answer.
    pub async fn create_corporation(&self, corporation: &Corporation, records: &[Record]) -> Result<()> {
        let input = (corporation.clone(), records.to_vec());
        self.change(input, |tx, (corporation, records)| {
            Box::pin(async move {
                let values =
                    params![corporation.id.as_str(), corporation.name.as_str(), corporation.created_at];
                insert(tx, INSERT_CORPORATION, &values, Entity::Corporation).await?;
                let id = corporation.id.as_str();
                change_log::append(tx, Entity::Corporation, id, corporation.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Removes a corporation; `false` when there is none of that id.
    ///
    /// # Errors
    /// While companies belong to it or clients are bound to it, or when the database does not answer.
    pub async fn delete_corporation(
        &self,
        id: &CorporationId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<bool> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                must_be_unused(tx, COUNT_COMPANIES, id, Entity::Company).await?;
                must_be_unused(tx, COUNT_CORPORATION_CLIENTS, id, Entity::Client).await?;
                tx.exec(DELETE_CONSENTS_OF_CORPORATION, &params![id]).await?;
                if tx.exec(DELETE_CORPORATION, &params![id]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::Corporation, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn corporation(row: &Row) -> Result<Corporation> {
    let mut read = Reader::new(row, "corporations");
    Ok(Corporation {
        id: read.parse("id", CorporationId::parse)?,
        name: read.string("name")?,
        created_at: read.at("created_at")?,
    })
}
