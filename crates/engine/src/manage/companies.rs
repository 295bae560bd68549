//! Companies and corporations: the directory that tenants come from.

use tokenry_model::{Company, CompanyId, Corporation, CorporationId, Event, Subject};
use tokenry_store::{Announced, CompanyUpdate, Switch};

use super::Manager;
use super::error::Error;
use super::text::{check_id, check_name, composed};

/// What of a company is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateCompany {
    /// For people.
    pub name: Option<String>,
    /// The corporation that holds it, where `Some(None)` is: none.
    pub corporation: Option<Option<String>>,
}

impl Manager {
    /// Makes a company. `id` is chosen only where it must match another system's.
    ///
    /// # Errors
    /// When a value cannot be taken, the id is taken, or the corporation does not exist.
    pub async fn create_company(
        &self,
        name: &str,
        id: Option<&str>,
        corporation: Option<&str>,
    ) -> Result<Company, Error> {
        check_name("name", name)?;
        check_id("id", id.unwrap_or_default())?;
        let now = self.clock.now();
        let id = match id {
            Some(id) => CompanyId::parse(id).map_err(|error| Error::invalid("id", error.to_string()))?,
            None => CompanyId::generate(now, &*self.rng),
        };
        let corporation_id = match corporation {
            Some(id) => Some(self.corporation(id).await?.id),
            None => None,
        };
        let company = Company {
            id,
            name: composed(name),
            corporation_id,
            disabled_at: None,
            version: 1,
            created_at: now,
        };
        let record = self
            .record(now, Event::CompanyCreated, Subject::Company(company.id.clone()))
            .with("name", company.name.as_str());
        let record = match &company.corporation_id {
            Some(corporation) => record.with("corporation", corporation.as_str()),
            None => record,
        };
        self.store
            .create_company(&company, &[record])
            .await
            .map_err(|error| Error::from_store(error, "company", &company.id))?;
        Ok(company)
    }

    /// One company.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn company(&self, id: &str) -> Result<Company, Error> {
        let not_found = || Error::not_found("company", id);
        let id = CompanyId::parse(id).map_err(|_invalid| not_found())?;
        self.store.find_company(&id).await.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// A page of companies in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies(&self, after: Option<&CompanyId>, limit: i64) -> Result<Vec<Company>, Error> {
        self.store.list_companies(after, limit).await.map_err(Error::Store)
    }

    /// Disables a company: nobody gets a token for it from the next request on, and those that are out are refused.
    /// Disabling again changes nothing. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none.
    pub async fn disable_company(&self, id: &str) -> Result<Announced, Error> {
        self.switch_company(id, Event::CompanyDisabled).await
    }

    /// Enables a company again: who may act for it gets new tokens. The old ones stay dead. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none.
    pub async fn enable_company(&self, id: &str) -> Result<Announced, Error> {
        self.switch_company(id, Event::CompanyEnabled).await
    }

    async fn switch_company(&self, id: &str, event: Event) -> Result<Announced, Error> {
        let company = self.company(id).await?.id;
        let now = self.clock.now();
        let disabled_at = (event == Event::CompanyDisabled).then_some(now);
        let record = self.record(now, event, Subject::Company(company.clone()));
        let switched = self.store.set_company_state(&company, disabled_at, now, &[record]).await;
        match switched.map_err(Error::Store)? {
            Switch::Done { announced } => Ok(announced),
            Switch::Unchanged => self.announced_so_far().await,
            Switch::NotFound => Err(Error::not_found("company", id)),
        }
    }

    /// Renames a company or moves it to another corporation: whoever reaches that one reaches the company from then on,
    /// and whoever reached it only through the one before does not (TEN-06). Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such company or corporation, a value cannot be taken, or clients of the corporation have the
    /// company for their home.
    pub async fn update_company(
        &self,
        id: &str,
        update: UpdateCompany,
    ) -> Result<(Company, Announced), Error> {
        let UpdateCompany { name, corporation } = update;
        if let Some(name) = &name {
            check_name("name", name)?;
        }
        let name = name.as_deref().map(composed);
        let company = self.company(id).await?.id;
        let corporation = match corporation {
            Some(Some(id)) => Some(Some(self.corporation(&id).await?.id)),
            Some(None) => Some(None),
            None => None,
        };
        let now = self.clock.now();
        let mut record = self.record(now, Event::CompanyUpdated, Subject::Company(company.clone()));
        if let Some(name) = &name {
            record = record.with("name", name.as_str());
        }
        if let Some(corporation) = &corporation {
            record = record.with("corporation", corporation.as_ref().map(CorporationId::as_str));
        }
        let update = CompanyUpdate { name, corporation };
        let moved = self.store.move_company(&company, &update, now, &[record]).await;
        let announced = moved.map_err(|error| Error::from_store(error, "company", id))?;
        Ok((self.company(id).await?, announced))
    }

    /// Removes a company that nobody acts for any more. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none, or clients or users are still bound to it.
    pub async fn delete_company(&self, id: &str) -> Result<Announced, Error> {
        let company = self.company(id).await?;
        let now = self.clock.now();
        let record = self.record(now, Event::CompanyDeleted, Subject::Company(company.id.clone()));
        let deleted = self.store.delete_company(&company.id, now, &[record]).await;
        let deleted = deleted.map_err(|error| Error::from_store(error, "company", id))?;
        deleted.ok_or_else(|| Error::not_found("company", id))
    }

    /// Makes a corporation.
    ///
    /// # Errors
    /// When a value cannot be taken or the id is taken.
    pub async fn create_corporation(&self, name: &str, id: Option<&str>) -> Result<Corporation, Error> {
        check_name("name", name)?;
        check_id("id", id.unwrap_or_default())?;
        let now = self.clock.now();
        let id = match id {
            Some(id) => CorporationId::parse(id).map_err(|error| Error::invalid("id", error.to_string()))?,
            None => CorporationId::generate(now, &*self.rng),
        };
        let corporation = Corporation { id, name: composed(name), created_at: now };
        let record =
            self.record(now, Event::CorporationCreated, Subject::Corporation(corporation.id.clone()));
        self.store
            .create_corporation(&corporation, &[record])
            .await
            .map_err(|error| Error::from_store(error, "corporation", &corporation.id))?;
        Ok(corporation)
    }

    /// One corporation.
    ///
    /// # Errors
    /// When there is none with that id.
    pub async fn corporation(&self, id: &str) -> Result<Corporation, Error> {
        let not_found = || Error::not_found("corporation", id);
        let id = CorporationId::parse(id).map_err(|_invalid| not_found())?;
        self.store.find_corporation(&id).await.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// A page of corporations in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn corporations(
        &self,
        after: Option<&CorporationId>,
        limit: i64,
    ) -> Result<Vec<Corporation>, Error> {
        self.store.list_corporations(after, limit).await.map_err(Error::Store)
    }

    /// Removes a corporation that holds no company and reaches no client any more.
    ///
    /// # Errors
    /// When there is none, or companies or clients still belong to it.
    pub async fn delete_corporation(&self, id: &str) -> Result<(), Error> {
        let corporation = self.corporation(id).await?;
        let now = self.clock.now();
        let record =
            self.record(now, Event::CorporationDeleted, Subject::Corporation(corporation.id.clone()));
        let deleted = self.store.delete_corporation(&corporation.id, now, &[record]).await;
        match deleted.map_err(|error| Error::from_store(error, "corporation", id))? {
            true => Ok(()),
            false => Err(Error::not_found("corporation", id)),
        }
    }
}
