//! When a user's own credentials were last used: it changes nothing that a decision rests on.

use tokenry_model::LastUse;

use crate::db::Sql;
use crate::error::Result;
use crate::{Store, params};

/// How many last uses one transaction notes, so that none keeps the writer for long.
const BATCH: usize = 250;

/// A last use to be noted, of the credential of that `jti`.
pub type OwnUse = (String, LastUse);

impl Store {
    /// Notes last uses by `statement`; those of credentials that are gone are passed over.
    ///
    /// # Errors
    /// When the database does not answer; some may have been noted.
    pub(crate) async fn note_own_uses(&self, statement: Sql, mut uses: Vec<OwnUse>) -> Result<()> {
        // In one order everywhere, so that two replicas never wait for each other.
        uses.sort_unstable_by(|(one, _), (two, _)| one.cmp(two));
        for batch in uses.chunks(BATCH) {
            self.change((statement, batch.to_vec()), |tx, (statement, batch)| {
                Box::pin(async move {
                    for (jti, LastUse { at, address, client }) in batch {
                        let values = params![jti.as_str(), *at, address.as_deref(), client.as_deref()];
                        tx.exec(*statement, &values).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }
}
