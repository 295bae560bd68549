//! Users: the people who sign in.

use tokenry_model::{Record, User, UserId, UserState};

use crate::change_log::{self, Entity};
use crate::clients::object;
use crate::decode::Reader;
use crate::error::Result;
use crate::store::insert;
use crate::{Store, audit, params, statements};

macro_rules! columns {
    () => {
        "id, username, disabled_at, version, created_at, name, claims, email_verified_at"
    };
}

statements! {
    pub(crate) FIND_USER = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    pub(crate) INSERT_USER =
        concat!("INSERT INTO users (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING");
    pub(crate) BUMP_USER = "UPDATE users SET version = version + 1 WHERE id = $1";
}

impl Store {
    /// The user of that id.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_user(&self, id: &UserId) -> Result<Option<User>> {
        let row = self.db.opt(FIND_USER, &params![id.as_str()]).await?;
        row.map(|row| read_user(&mut Reader::new(&row, "users"))).transpose()
    }

    /// Makes a user.
    ///
    /// # Errors
    /// When the id or the username is taken, or the database does not answer.
    pub async fn create_user(&self, user: &User, records: &[Record]) -> Result<()> {
        self.change((user.clone(), records.to_vec()), |tx, (user, records)| {
            Box::pin(async move {
                let disabled_at = match user.state {
                    UserState::Disabled { at } => Some(at),
                    UserState::Enabled => None,
                };
                let values = params![
                    user.id.as_str(),
                    user.username.as_str(),
                    disabled_at,
                    user.version,
                    user.created_at,
                    user.name.as_deref(),
                    object(&user.claims),
                    user.email_verified_at,
                ];
                insert(tx, INSERT_USER, &values, Entity::User).await?;
                change_log::append(tx, Entity::User, user.id.as_str(), user.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }
}

pub(crate) fn read_user(read: &mut Reader<'_>) -> Result<User> {
    Ok(User {
        id: read.parse("id", UserId::parse)?,
        username: read.string("username")?,
        state: read.opt_at("disabled_at")?.map_or(UserState::Enabled, |at| UserState::Disabled { at }),
        version: read.int("version")?,
        created_at: read.at("created_at")?,
        name: read.opt_string("name")?,
        claims: read.json("claims")?,
        email_verified_at: read.opt_at("email_verified_at")?,
    })
}
