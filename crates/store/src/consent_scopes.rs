//! One scope of what a user lets an application do, taken back: what holds it ends in the same transaction.

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, Record, ResourceServerId, Tenant, UserId};
use tokenry_protocol::scope::ScopeToken;

use crate::change_log::{self, Entity};
use crate::consents::{FIND_CONSENT_SCOPE, FIND_CONSENTS, key_of_parts, leave};
use crate::db::{Tx, Value};
use crate::decode::Reader;
use crate::error::Result;
use crate::guard_events::Announced;
use crate::store::update;
use crate::token_handles::{Owner, end_counted, end_handles};
use crate::users::BUMP_USER;
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) FAMILIES_OF_CONSENT =
        "SELECT handle, resource_server_id, company_id, scope FROM token_families \
         WHERE user_id = $1 AND client_id = $2 ORDER BY handle";
}

/// One scope that a user takes back from an application.
#[derive(Clone, Debug)]
pub struct TakeBackScope {
    /// Who.
    pub user_id: UserId,
    /// From which application.
    pub client_id: ClientId,
    /// At which API; `None`: what it may learn of the user.
    pub resource_server_id: Option<ResourceServerId>,
    /// For whom it was let: as the consent has it.
    pub tenant: Option<Tenant>,
    /// What.
    pub scope: ScopeToken,
    /// When.
    pub now: Timestamp,
    /// What is recorded where something is left of what the application may do.
    pub narrowed: Record,
    /// What is recorded where nothing is.
    pub revoked: Record,
}

impl Store {
    /// Takes back one scope, and ends whatever was issued that holds it; the last one ends all that was issued. Says what
    /// guards must learn; `None` when there was nothing to take back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_back_scope(&self, taken: TakeBackScope) -> Result<Option<Announced>> {
        self.change(taken, |tx, taken| {
            Box::pin(async move {
                if !taken.narrow(tx).await? {
                    return Ok(None);
                }
                let (user, client) = (taken.user_id.as_str(), taken.client_id.as_str());
                let left = tx.rows(FIND_CONSENTS, &params![user, client]).await?;
                let (announced, record) = if left.is_empty() {
                    let (_ended, announced) =
                        end_counted(tx, Owner::Consent(user, client), taken.now).await?;
                    (announced, &taken.revoked)
                } else {
                    (taken.end_holders(tx).await?, &taken.narrowed)
                };
                // A code that is being issued on the strength of the consent must not come after its end.
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                change_log::append(tx, Entity::User, user, taken.now).await?;
                audit::append(tx, std::slice::from_ref(record)).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

impl TakeBackScope {
    /// `false` where the scope was not there.
    async fn narrow(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let key = self.key();
        let Some(row) = tx.opt(FIND_CONSENT_SCOPE, &key).await? else { return Ok(false) };
        let scope = Reader::new(&row, "consents").scope("scope")?;
        if !scope.contains(self.scope.as_str()) {
            return Ok(false);
        }
        leave(tx, key, &scope, &self.scope).await?;
        Ok(true)
    }

    /// Ends every family that holds the scope where it was taken back.
    async fn end_holders(&self, tx: &mut Tx<'_>) -> Result<Announced> {
        let values = params![self.user_id.as_str(), self.client_id.as_str()];
        let mut announced = Announced::default();
        for row in tx.rows(FAMILIES_OF_CONSENT, &values).await? {
            let mut read = Reader::new(&row, "token_families");
            let handle = read.string("handle")?;
            let (api, company) = (read.opt_string("resource_server_id")?, read.opt_string("company_id")?);
            let scope = read.scope("scope")?;
            if scope.contains(self.scope.as_str()) && self.covers(api.as_deref(), company.as_deref()) {
                announced.merge(end_handles(tx, Owner::Family(&handle), self.now).await?);
            }
        }
        Ok(announced)
    }

    /// Whether what was granted at that API, for that company, rests on the consent: what is for no company may.
    fn covers(&self, api: Option<&str>, company: Option<&str>) -> bool {
        let at_api = self.resource_server_id.as_ref().is_none_or(|id| api == Some(id.as_str()));
        let agreed_for = self.tenant.as_ref().map(|tenant| tenant.company.as_str());
        at_api && (company.is_none() || agreed_for.is_none() || company == agreed_for)
    }

    fn key(&self) -> Vec<Value> {
        key_of_parts(&self.user_id, &self.client_id, self.resource_server_id.as_ref(), self.tenant.as_ref())
    }
}
