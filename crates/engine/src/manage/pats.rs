//! Personal access tokens, as operators see and revoke them. Nobody makes one for somebody else, but for `dev` and its demo.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, Digest, DigestDomain, Event, Pat, PatId, PatReach, Record, Subject, UserId};
use tokenry_protocol::secret::Secret;
use tokenry_store::{CreatePat, CredentialChange, ListedPat, RevokePat};

use super::{Announced, Error, Manager};
use crate::mail::About;
use crate::own::{MAX_PATS, PatState, fit_name, value_of};

/// A token of the demo's, whose value is known before.
#[derive(Clone, Debug)]
pub struct ImportPat {
    /// Whose: an id or a username.
    pub user: String,
    /// The company that they act for by it.
    pub company: Option<CompanyId>,
    /// What it is called.
    pub name: String,
    /// How long it lives.
    pub lifetime: Duration,
    /// Its value: a personal access token of this server's brand.
    pub token: Secret,
}

impl Manager {
    /// Up to `limit` tokens after the id `after`, the oldest first: of one user, by id or username, or of all. Also those that
    /// work no more.
    ///
    /// # Errors
    /// When there is no such user, or the database fails.
    pub async fn pats(
        &self,
        user: Option<&str>,
        after: Option<PatId>,
        limit: i64,
    ) -> Result<Vec<ListedPat>, Error> {
        let user = match user {
            Some(user) => Some(self.user(user).await?.id),
            None => None,
        };
        self.store.list_pats(user.as_ref(), after.as_ref(), limit).await.map_err(Error::Store)
    }

    /// One token.
    ///
    /// # Errors
    /// When there is none with that id, or the database fails.
    pub async fn pat(&self, id: &str) -> Result<ListedPat, Error> {
        let not_found = || Error::not_found("token", id);
        let id = PatId::parse(id).map_err(|_invalid| not_found())?;
        self.store.find_pat(&id).await.map_err(Error::Store)?.ok_or_else(not_found)
    }

    /// Whether a token works.
    #[must_use]
    pub fn pat_state(&self, pat: &ListedPat, now: Timestamp) -> PatState {
        PatState::of(pat, now)
    }

    /// Revokes a token: it opens nothing from the next request on. Its owner is told by mail. Revoking it again changes nothing.
    /// Tells what guards must learn.
    ///
    /// # Errors
    /// When there is none with that id, or the database fails.
    pub async fn revoke_pat(&self, id: &str) -> Result<Announced, Error> {
        let Pat { id, user_id, company_id, .. } = self.pat(id).await?.pat;
        let now = self.clock.now();
        let record =
            Record { company: company_id, ..self.record_of_pat(now, Event::PatRevoked, &user_id, &id) };
        let user = self.user(user_id.as_str()).await?;
        let mail = Some(self.pat_notice(About::PatRevokedByOperator, &user, &id, now));
        let change = CredentialChange::new(now, vec![record], mail);
        let revoked = self.store.revoke_pat(&user_id, &id, change).await;
        match revoked.map_err(Error::Store)? {
            RevokePat::AlreadyRevoked => self.announced_so_far().await,
            RevokePat::NotFound => Err(Error::not_found("token", id.as_str())),
            RevokePat::Revoked { announced } => Ok(announced),
        }
    }

    /// Makes a token of a given value for a user of the demo, for all that the user may do.
    ///
    /// # Errors
    /// When there is no such user, or the user may have none.
    pub async fn import_pat(&self, import: ImportPat) -> Result<PatId, Error> {
        let name = fit_name(&import.name).map_err(|error| Error::invalid("name", error.to_string()))?;
        let (user, now) = (self.user(&import.user).await?.id, self.clock.now());
        let id = PatId::generate(now, &*self.rng);
        let value = value_of(&import.token, &id, import.lifetime, now, &*self.rng);
        let pat = Pat {
            id: id.clone(),
            user_id: user.clone(),
            company_id: import.company,
            name,
            note: String::new(),
            reach: PatReach::Everything,
            allowed_addresses: Vec::new(),
            lifetime: import.lifetime,
            created_at: now,
            ends_at: value.expires_at,
            revoked_at: None,
        };
        let record = self.record_of_pat(now, Event::PatCreated, &user, &id);
        let record = Record { company: pat.company_id.clone(), ..record };
        let records = vec![record.with("expires_at", pat.ends_at.to_string())];
        let change = CredentialChange::new(now, records, None);
        match self.store.create_pat(&pat, &value, MAX_PATS, change).await {
            Ok(CreatePat::Created) => Ok(id),
            Ok(CreatePat::Barred | CreatePat::SentBefore | CreatePat::TooMany | CreatePat::TooOften(_)) => {
                Err(Error::invalid("user", "this user may have no further token"))
            }
            Err(error) => Err(Error::from_store(error, "token", id.as_str())),
        }
    }

    /// Whether a value is or was one, for `dev`, which goes on where a start was cut off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn knows_pat(&self, token: &Secret) -> Result<bool, Error> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, token);
        Ok(self.store.find_pat_by_value(&digest).await.map_err(Error::Store)?.is_some())
    }

    /// Whether a value is one that works and counts, for `dev`, which shows those of its demo as long as they do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_pat(&self, token: &Secret) -> Result<bool, Error> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, token);
        let found = self.store.find_pat_by_value(&digest).await.map_err(Error::Store)?;
        let works = |listed: ListedPat| {
            listed.value.superseded_at.is_none() && PatState::of(&listed, self.clock.now()) == PatState::Works
        };
        Ok(found.is_some_and(works))
    }

    /// Of what somebody else than its owner does, so that the owner finds it among what happened to the account.
    fn record_of_pat(&self, now: Timestamp, event: Event, user: &UserId, pat: &PatId) -> Record {
        self.record(now, event, Subject::User(user.clone())).with("pat", pat.as_str())
    }
}
