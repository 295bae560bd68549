//! How far a user reaches: the companies that they may act for.

use tokenry_model::{Company, UserId};

use crate::companies::read_company;
use crate::decode::Reader;
use crate::error::Result;
use crate::{Store, params, statements};

statements! {
    pub(crate) LIST_COMPANIES_OF_USER =
        "SELECT o.id, o.name, o.corporation_id, o.disabled_at, o.version, o.created_at \
         FROM memberships m JOIN companies o ON o.id = m.company_id WHERE m.user_id = $1 ORDER BY o.name, o.id";
}

impl Store {
    /// The companies that a user is a member of, by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_companies_of_user(&self, user_id: &UserId) -> Result<Vec<Company>> {
        let rows = self.db.list(LIST_COMPANIES_OF_USER, &params![user_id.as_str()]).await?;
        rows.iter().map(|row| read_company(&mut Reader::new(row, "companies"))).collect()
    }
}
