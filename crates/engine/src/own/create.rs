//! Making a personal access token: first it is weighed whether its owner may have what they ask for, then it is made.

use tokenry_clock::Timestamp;
use tokenry_model::{Company, Event, Pat, PatId, PatReach, Record, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{CreatePat, CredentialChange};

use super::wish::{allowed_addresses, check_lifetime, company, fit_name, fit_note, reach, reach_each};
use super::{MAX_PATS, NewPat, OwnPat, PatError, SentForm, bounded, new_value, pat_record, retry_after};
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::session::FreshUser;

/// A personal access token that was made, or got another value.
#[derive(Debug)]
pub struct IssuedPat {
    /// The token, as its owner sees it in a list.
    pub pat: OwnPat,
    /// The value, which is shown this once.
    pub token: Secret,
}

/// What somebody may have, as it is kept.
struct Weighed {
    name: String,
    note: String,
    allowed_addresses: Vec<String>,
    company: Option<Company>,
    reach: PatReach,
}

impl Engine {
    /// Makes a personal access token for somebody who has just shown that it is them, once for a form. They are told by mail.
    ///
    /// # Errors
    /// When they may not have what they ask for, have [`MAX_PATS`] that work or had too many made lately, may not act any more, the form has made one before,
    /// or the database fails.
    pub async fn create_pat(
        &self,
        current: &FreshUser,
        new: NewPat,
        form: Option<SentForm>,
        context: &Context,
    ) -> Result<IssuedPat, PatError> {
        let (user, now) = (&current.user().id, context.now);
        let Weighed { name, note, allowed_addresses, company, reach } = self.weighed(user, &new, now).await?;
        let id = PatId::generate(now, &*self.rng);
        let (token, value) = new_value(&self.settings.brand, &id, new.expires_in, now, &*self.rng);
        let pat = Pat {
            id,
            user_id: user.clone(),
            company_id: company.map(|company| company.id),
            name,
            note,
            reach,
            allowed_addresses,
            lifetime: new.expires_in,
            created_at: now,
            ends_at: value.expires_at,
            revoked_at: None,
        };
        let record = pat_record((user, &pat.id), Event::PatCreated, context);
        let record = Record { company: pat.company_id.clone(), ..record };
        let record = record.with("expires_at", pat.ends_at.to_string());
        let change = self.pat_change(&pat.id, record, About::PatCreated, context);
        let change = CredentialChange { form: form.map(Into::into), ..bounded(change, current) };
        match self.store.create_pat(&pat, &value, MAX_PATS, change).await? {
            CreatePat::Barred => return Err(PatError::Barred),
            CreatePat::SentBefore => return Err(PatError::SentBefore),
            CreatePat::TooMany => return Err(PatError::TooMany),
            CreatePat::TooOften(first) => {
                return Err(PatError::TooOften { retry_after: retry_after(first, now) });
            }
            CreatePat::Created => {}
        }
        self.wake_sender();
        let listed = self.store.find_pat(&pat.id).await?.ok_or(PatError::Barred)?;
        let pat = self.own_pat(listed, now);
        Ok(IssuedPat { pat, token })
    }

    /// Whether a user could have such a token now, for a page that shows what is asked for before it is made.
    ///
    /// # Errors
    /// When they may not have what they ask for, or the database fails.
    pub async fn weigh_pat(&self, user: &UserId, new: &NewPat, now: Timestamp) -> Result<(), PatError> {
        self.weighed(user, new, now).await.map(drop)
    }

    async fn weighed(&self, user: &UserId, new: &NewPat, now: Timestamp) -> Result<Weighed, PatError> {
        let (name, note) = (fit_name(&new.name)?, fit_note(&new.note)?);
        check_lifetime(new.expires_in, self.settings.pat_max_ttl)?;
        let allowed_addresses = allowed_addresses(&new.allowed_addresses)?;
        let companies = self.store.list_companies_of_user(user).await?;
        let company = company(companies, new.company_id.as_deref(), now)?;
        let reachable = match &company {
            None => Vec::new(),
            Some(company) => self.store.list_reach(user, &company.id).await?,
        };
        let reach = match &new.each {
            None => reach(&reachable, new.apis.as_deref(), new.scopes.as_deref())?,
            Some(each) => reach_each(&reachable, each)?,
        };
        Ok(Weighed { name, note, allowed_addresses, company, reach })
    }
}
