//! Companies: what `companyId` in a token names.

use tokenry_clock::Timestamp;
use tokenry_model::{Company, CompanyId, CorporationId, Record};

use crate::change_log::{self, Entity};
use crate::corporations::CORPORATION_EXISTS;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::Result;
use crate::store::{insert, must_be_unused, must_exist};
use crate::token_handles::{Owner, Switch, end_handles};
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "id, name, corporation_id, disabled_at, version, created_at"
    };
}

statements! {
    pub(crate) FIND_COMPANY = concat!("SELECT ", columns!(), " FROM companies WHERE id = $1");
    pub(crate) LIST_COMPANIES =
        concat!("SELECT ", columns!(), " FROM companies WHERE id > $1 ORDER BY id LIMIT $2");
    pub(crate) COMPANY_EXISTS = "SELECT id FROM companies WHERE id = $1";
    pub(crate) INSERT_COMPANY = concat!(
        "INSERT INTO companies (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
    );
    pub(crate) FIND_COMPANY_STATE = "SELECT disabled_at FROM companies WHERE id = $1";
    pub(crate) SET_COMPANY_STATE =
        "UPDATE companies SET disabled_at = $2, version = version + 1 WHERE id = $1";
    pub(crate) COUNT_COMPANY_CLIENTS = "SELECT COUNT(*) FROM clients WHERE company_id = $1";
    pub(crate) COUNT_COMPANY_MEMBERSHIPS = "SELECT COUNT(*) FROM memberships WHERE company_id = $1";
    pub(crate) DELETE_COMPANY = "DELETE FROM companies WHERE id = $1";
}

impl Store {
    /// The company of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_company(&self, id: &CompanyId) -> Result<Option<Company>> {
        let row = self.db.opt(FIND_COMPANY, &params![id.as_str()]).await?;
        row.as_ref().map(company).transpose()
    }

    /// Up to `limit` companies after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_companies(&self, after: Option<&CompanyId>, limit: i64) -> Result<Vec<Company>> {
        let after = after.map_or("", CompanyId::as_str);
        let rows = self.db.list(LIST_COMPANIES, &params![after, limit]).await?;
        rows.iter().map(company).collect()
    }

    /// Makes a company.
    ///
    /// # Errors
    /// When its id is taken, when there is no such corporation, or when the database does not answer.
    pub async fn create_company(&self, company: &Company, records: &[Record]) -> Result<()> {
        self.change((company.clone(), records.to_vec()), |tx, (company, records)| {
            Box::pin(async move {
                let corporation = company.corporation_id.as_ref().map(CorporationId::as_str);
                if let Some(corporation) = corporation {
                    must_exist(tx, CORPORATION_EXISTS, corporation, Entity::Corporation).await?;
                }
                let values = params![
                    company.id.as_str(),
                    company.name.as_str(),
                    corporation,
                    company.disabled_at,
                    company.version,
                    company.created_at,
                ];
                insert(tx, INSERT_COMPANY, &values, Entity::Company).await?;
                change_log::append(tx, Entity::Company, company.id.as_str(), company.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Disables a company since `disabled_at`, or enables it again. While it is disabled nobody acts for it; enabling
    /// it ends the handles of every client that may act for it, so that what was dead stays dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_company_state(
        &self,
        id: &CompanyId,
        disabled_at: Option<Timestamp>,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Switch> {
        let input = (id.clone(), disabled_at, now, records.to_vec());
        self.change(input, |tx, (id, disabled_at, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                let Some(row) = tx.opt(FIND_COMPANY_STATE, &params![id]).await? else {
                    return Ok(Switch::NotFound);
                };
                if row.opt_int(0)?.is_some() == disabled_at.is_some() {
                    return Ok(Switch::Unchanged);
                }
                tx.exec(SET_COMPANY_STATE, &params![id, *disabled_at]).await?;
                let ended = match disabled_at {
                    Some(_) => Vec::new(),
                    None => end_handles(tx, Owner::Company(id)).await?,
                };
                change_log::append(tx, Entity::Company, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(Switch::Done { ended })
            })
        })
        .await
    }

    /// Removes a company; `false` when there is none of that id.
    ///
    /// # Errors
    /// While clients are bound to it or users are members of it, or when the database does not answer.
    pub async fn delete_company(&self, id: &CompanyId, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                must_be_unused(tx, COUNT_COMPANY_CLIENTS, id, Entity::Client).await?;
                must_be_unused(tx, COUNT_COMPANY_MEMBERSHIPS, id, Entity::Membership).await?;
                if tx.exec(DELETE_COMPANY, &params![id]).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::Company, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn company(row: &Row) -> Result<Company> {
    let mut read = Reader::new(row, "companies");
    Ok(Company {
        id: read.parse("id", CompanyId::parse)?,
        name: read.string("name")?,
        corporation_id: read.opt_parse("corporation_id", CorporationId::parse)?,
        disabled_at: read.opt_at("disabled_at")?,
        version: read.int("version")?,
        created_at: read.at("created_at")?,
    })
}
