//! Companies: what `companyId` in a token names.

use tokenry_clock::Timestamp;
use tokenry_model::{Company, CompanyId, CorporationId, Record};

use crate::change_log::{self, Entity};
use crate::consents::DELETE_CONSENTS_OF_COMPANY;
use crate::corporations::CORPORATION_EXISTS;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::{Announced, Standing, announce_company};
use crate::own_events::{Subjects, announce_subjects};
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
    pub(crate) DISABLED_COMPANIES = "SELECT id FROM companies WHERE disabled_at IS NOT NULL ORDER BY id";
    pub(crate) COMPANY_EXISTS = "SELECT id FROM companies WHERE id = $1";
    pub(crate) INSERT_COMPANY = concat!(
        "INSERT INTO companies (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
    );
    pub(crate) FIND_COMPANY_STANDING = "SELECT disabled_at, corporation_id FROM companies WHERE id = $1";
    pub(crate) SET_COMPANY_STATE =
        "UPDATE companies SET disabled_at = $2, version = version + 1 WHERE id = $1";
    pub(crate) UPDATE_COMPANY =
        "UPDATE companies SET name = COALESCE($2, name), corporation_id = $3, version = version + 1 WHERE id = $1";
    pub(crate) COUNT_HOME_CLIENTS =
        "SELECT COUNT(*) FROM clients WHERE company_id = $1 AND corporation_id IS NOT NULL";
    pub(crate) COUNT_COMPANY_CLIENTS = "SELECT COUNT(*) FROM clients WHERE company_id = $1";
    pub(crate) COUNT_COMPANY_MEMBERSHIPS = "SELECT COUNT(*) FROM memberships WHERE company_id = $1";
    pub(crate) DELETE_COMPANY = "DELETE FROM companies WHERE id = $1";
}

/// What changes about a company.
#[derive(Clone, Debug, Default)]
pub struct CompanyUpdate {
    /// Its name; `None`: as it is.
    pub name: Option<String>,
    /// The corporation that it belongs to, where `Some(None)` is: to none; `None`: as it is.
    pub corporation: Option<Option<CorporationId>>,
}

impl Store {
    /// The company of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_company(&self, id: &CompanyId) -> Result<Option<Company>> {
        let row = self.db.opt(FIND_COMPANY, &params![id.as_str()]).await?;
        row.map(|row| read_company(&mut Reader::new(&row, "companies"))).transpose()
    }

    /// Up to `limit` companies after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_companies(&self, after: Option<&CompanyId>, limit: i64) -> Result<Vec<Company>> {
        let after = after.map_or("", CompanyId::as_str);
        let rows = self.db.list(LIST_COMPANIES, &params![after, limit]).await?;
        rows.iter().map(|row| read_company(&mut Reader::new(row, "companies"))).collect()
    }

    /// The companies for which nobody may act, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn disabled_companies(&self) -> Result<Vec<CompanyId>> {
        let rows = self.db.list(DISABLED_COMPANIES, &[]).await?;
        rows.iter().map(|row| Reader::new(row, "companies").parse("id", CompanyId::parse)).collect()
    }

    /// Makes a company, and says what guards must learn of it.
    ///
    /// # Errors
    /// When its id is taken, when there is no such corporation, or when the database does not answer.
    pub async fn create_company(&self, company: &Company, records: &[Record]) -> Result<Announced> {
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
                let (id, now) = (company.id.as_str(), company.created_at);
                let after = Standing { disabled: company.disabled_at.is_some(), corporation };
                let announced = announce_company(tx, id, Standing::default(), after, now).await?;
                change_log::append(tx, Entity::Company, id, now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }

    /// Renames a company or moves it to another corporation, and says what guards must learn of it: who reaches the
    /// corporation reaches it from then on, who reached it only so does not.
    ///
    /// # Errors
    /// When there is no such company or corporation; when it is to leave the corporation while it is the home of clients
    /// that are bound to that; or when the database does not answer.
    pub async fn move_company(
        &self,
        id: &CompanyId,
        change: &CompanyUpdate,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Announced> {
        self.change((id.clone(), change.clone(), now, records.to_vec()), |tx, (id, change, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                let row = tx.opt(FIND_COMPANY_STANDING, &params![id]).await?;
                let row = row.ok_or(Error::Missing(Entity::Company))?;
                let before = standing(&row)?;
                let corporation = match &change.corporation {
                    None => before.corporation,
                    Some(corporation) => corporation.as_ref().map(CorporationId::as_str),
                };
                if before.corporation != corporation {
                    must_be_unused(tx, COUNT_HOME_CLIENTS, id, Entity::Client).await?;
                    if let Some(corporation) = corporation {
                        must_exist(tx, CORPORATION_EXISTS, corporation, Entity::Corporation).await?;
                    }
                }
                tx.exec(UPDATE_COMPANY, &params![id, change.name.as_deref(), corporation]).await?;
                let after = Standing { corporation, ..before };
                let mut announced = Announced::default();
                if before.corporation != corporation {
                    // Whose tokens are narrowed to it reached it through the corporation that it leaves.
                    announced = end_handles(tx, Owner::Narrowed(id), *now).await?;
                    announced.merge(announce_subjects(tx, Subjects::OfCompany(id), *now).await?);
                }
                announced.merge(announce_company(tx, id, before, after, *now).await?);
                change_log::append(tx, Entity::Company, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }

    /// Disables a company since `disabled_at`, or enables it again. While it is disabled nobody acts for it, and the
    /// clients at home there act for nobody: the handles of both end for good, whatever their tokens say. A token for its
    /// whole corporation loses the company, and has it again.
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
                let Some(row) = tx.opt(FIND_COMPANY_STANDING, &params![id]).await? else {
                    return Ok(Switch::NotFound);
                };
                let before = standing(&row)?;
                let after = Standing { disabled: disabled_at.is_some(), ..before };
                if before.disabled == after.disabled {
                    return Ok(Switch::Unchanged);
                }
                tx.exec(SET_COMPANY_STATE, &params![id, *disabled_at]).await?;
                // While it was disabled nobody got any; those of before ended when it was disabled.
                let mut announced = end_handles(tx, Owner::Company(id), *now).await?;
                announced.merge(announce_company(tx, id, before, after, *now).await?);
                announced.merge(announce_subjects(tx, Subjects::OfCompany(id), *now).await?);
                change_log::append(tx, Entity::Company, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(Switch::Done { announced })
            })
        })
        .await
    }

    /// Removes a company with the handles of tokens that are for it, so that none of them opens a later company of that id; says what guards must learn of it, `None` when there is none of that id.
    ///
    /// # Errors
    /// While clients are bound to it or users are members of it, or when the database does not answer.
    pub async fn delete_company(
        &self,
        id: &CompanyId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let id = id.as_str();
                must_be_unused(tx, COUNT_COMPANY_CLIENTS, id, Entity::Client).await?;
                must_be_unused(tx, COUNT_COMPANY_MEMBERSHIPS, id, Entity::Membership).await?;
                let Some(row) = tx.opt(FIND_COMPANY_STANDING, &params![id]).await? else { return Ok(None) };
                let mut announced = end_handles(tx, Owner::Company(id), *now).await?;
                tx.exec(DELETE_CONSENTS_OF_COMPANY, &params![id]).await?;
                tx.exec(DELETE_COMPANY, &params![id]).await?;
                let (before, after) = (standing(&row)?, Standing::default());
                announced.merge(announce_company(tx, id, before, after, *now).await?);
                change_log::append(tx, Entity::Company, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

fn standing(row: &Row) -> Result<Standing<'_>> {
    let mut read = Reader::new(row, "companies");
    Ok(Standing {
        disabled: read.opt_at("disabled_at")?.is_some(),
        corporation: read.opt_text("corporation_id")?,
    })
}

/// Reads a company's columns, in their order.
pub(crate) fn read_company(read: &mut Reader<'_>) -> Result<Company> {
    Ok(Company {
        id: read.parse("id", CompanyId::parse)?,
        name: read.string("name")?,
        corporation_id: read.opt_parse("corporation_id", CorporationId::parse)?,
        disabled_at: read.opt_at("disabled_at")?,
        version: read.int("version")?,
        created_at: read.at("created_at")?,
    })
}
