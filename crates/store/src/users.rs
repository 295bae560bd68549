//! Users: the people who sign in.

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{OutboxMail, Record, User, UserId, UserState};

use crate::address_changes::{end_all, give, is_kept, is_taken};
use crate::address_wishes::end_wishes;
use crate::change_log::{self, Entity};
use crate::clients::object;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::logout_outbox::{self, Whose};
use crate::own_events::{Subjects, announce_subjects};
use crate::store::{insert, update};
use crate::token_handles::{Owner, Switch, end_handles};
use crate::{Store, audit, db, mail_links, mail_outbox, params, statements};

macro_rules! columns {
    () => {
        "id, username, disabled_at, delete_at, version, created_at, name, claims, email_verified_at, updated_at"
    };
}

statements! {
    pub(crate) FIND_USER = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    pub(crate) FIND_USER_BY_USERNAME = concat!("SELECT ", columns!(), " FROM users WHERE username = $1");
    pub(crate) LIST_USERS = concat!("SELECT ", columns!(), " FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    pub(crate) INSERT_USER =
        concat!("INSERT INTO users (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING");
    pub(crate) BUMP_USER = "UPDATE users SET version = version + 1 WHERE id = $1";
    /// Only while the user is who was decided on.
    pub(crate) BUMP_USER_AS_SEEN =
        "UPDATE users SET version = version + 1 WHERE id = $1 AND version = $2 AND disabled_at IS NULL";
    /// Whether the name changes is said beside it, because it may also become none.
    pub(crate) UPDATE_USER =
        "UPDATE users SET name = CASE WHEN CAST($2 AS BIGINT) = 1 THEN CAST($3 AS TEXT) ELSE name END, \
         claims = COALESCE($4, claims), updated_at = $5, version = version + 1 WHERE id = $1";
    /// Only while the user is who the form was filled in for.
    pub(crate) CHANGE_PROFILE =
        "UPDATE users SET name = $3, claims = $4, updated_at = $5, version = version + 1 \
         WHERE id = $1 AND version = $2 AND disabled_at IS NULL";
    pub(crate) FIND_ADDRESS = "SELECT username FROM users WHERE id = $1";
    pub(crate) FIND_USER_STATE = "SELECT disabled_at, delete_at FROM users WHERE id = $1";
    pub(crate) SET_USER_STATE =
        "UPDATE users SET disabled_at = $2, delete_at = $3, version = version + 1 WHERE id = $1";
    pub(crate) DELETE_USER = "DELETE FROM users WHERE id = $1";
    pub(crate) END_SESSIONS_OF_USER = "DELETE FROM sessions WHERE user_id = $1";
}

/// What changes about a user.
#[derive(Clone, Debug, Default)]
pub struct UserUpdate {
    /// How the user is called, where `Some(None)` is: nobody says; `None`: as it is.
    pub name: Option<Option<String>>,
    /// What else is known; `None`: as it is.
    pub claims: Option<Map<String, Value>>,
}

/// What a user says of themselves.
#[derive(Clone, Debug)]
pub struct ProfileChange {
    /// Who.
    pub user_id: UserId,
    /// The version of the user that they saw. Whoever changed, or barred, the user since then has the last word.
    pub seen: i64,
    /// How they are called; `None`: nobody says.
    pub name: Option<String>,
    /// All claims that are known from now on.
    pub claims: Map<String, Value>,
    /// When.
    pub now: Timestamp,
    /// What is recorded.
    pub record: Record,
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

    /// The user of that name, in canonical form.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_user_by_username(&self, username: &str) -> Result<Option<User>> {
        let row = self.db.opt(FIND_USER_BY_USERNAME, &params![username]).await?;
        row.map(|row| read_user(&mut Reader::new(&row, "users"))).transpose()
    }

    /// Up to `limit` users after the id `after`, by id.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_users(&self, after: Option<&UserId>, limit: i64) -> Result<Vec<User>> {
        let after = after.map_or("", UserId::as_str);
        let rows = self.db.list(LIST_USERS, &params![after, limit]).await?;
        rows.iter().map(|row| read_user(&mut Reader::new(row, "users"))).collect()
    }

    /// Makes a user.
    ///
    /// # Errors
    /// When the id or the username is taken, or the database does not answer.
    pub async fn create_user(&self, user: &User, records: &[Record]) -> Result<()> {
        self.change((user.clone(), records.to_vec()), |tx, (user, records)| {
            Box::pin(async move {
                insert_user(tx, user).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Changes what is known of a user.
    ///
    /// # Errors
    /// When there is no such user, or the database does not answer.
    pub async fn update_user(
        &self,
        id: &UserId,
        change: &UserUpdate,
        now: Timestamp,
        records: &[Record],
    ) -> Result<()> {
        self.change((id.clone(), change.clone(), now, records.to_vec()), |tx, (id, change, now, records)| {
            Box::pin(async move {
                let values = params![
                    id.as_str(),
                    change.name.is_some(),
                    change.name.clone().flatten(),
                    change.claims.as_ref().map(object),
                    *now,
                ];
                update(tx, UPDATE_USER, &values, Entity::User).await?;
                change_log::append(tx, Entity::User, id.as_str(), *now).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Changes what a user says of themselves; `false`: they are not who they were when they looked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_profile(&self, change: ProfileChange) -> Result<bool> {
        self.change(change, |tx, change| {
            Box::pin(async move {
                let user = change.user_id.as_str();
                let values =
                    params![user, change.seen, change.name.as_deref(), object(&change.claims), change.now];
                if tx.exec(CHANGE_PROFILE, &values).await? == 0 {
                    return Ok(false);
                }
                change_log::append(tx, Entity::User, user, change.now).await?;
                audit::append(tx, std::slice::from_ref(&change.record)).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Gives a user another address because an operator says so: wishes, and ways back from earlier changes, are over.
    ///
    /// # Errors
    /// When there is no such user, somebody else has the address or it is kept for them, or the database does not answer.
    pub async fn set_address(
        &self,
        user: &UserId,
        address: (&str, Option<Timestamp>),
        mail: Option<&OutboxMail>,
        now: Timestamp,
        record: &Record,
    ) -> Result<()> {
        let input = (user.clone(), (address.0.to_owned(), address.1), mail.cloned(), now, record.clone());
        let set = self.change(input, |tx, (user, (address, verified_at), mail, now, record)| {
            Box::pin(async move {
                let user = user.as_str();
                let row = tx.opt(FIND_ADDRESS, &params![user]).await?.ok_or(Error::Missing(Entity::User))?;
                let before = row.text(0)?.to_owned();
                if is_taken(tx, address, user, *now).await? {
                    return Err(Error::Exists(Entity::User));
                }
                end_all(tx, user, *now).await?;
                give(tx, user, (address, *verified_at), *now).await?;
                if let Some(mail) = mail.as_ref().filter(|_mail| before != *address) {
                    mail_outbox::put_to(tx, &before, mail).await?;
                }
                audit::append(tx, &[record.clone().with("username_before", before.as_str())]).await
            })
        });
        match set.await {
            Err(Error::Db(db::Error::Conflict(_))) => Err(Error::Exists(Entity::User)),
            other => other,
        }
    }

    /// Disables a user, or enables the user again, and tells them by `mail`. Who is disabled is signed out everywhere, and what was granted ends
    /// for good (LOG-05). Either takes back that the user was to be deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_user_state(
        &self,
        id: &UserId,
        state: UserState,
        now: Timestamp,
        records: &[Record],
        mail: Option<&OutboxMail>,
    ) -> Result<Switch> {
        let input = (id.clone(), state, now, records.to_vec(), mail.cloned());
        self.change(input, |tx, (id, state, now, records, mail)| {
            Box::pin(async move {
                let id = id.as_str();
                let Some(row) = tx.opt(FIND_USER_STATE, &params![id]).await? else {
                    return Ok(Switch::NotFound);
                };
                let (disabled_at, delete_at) = instants(*state);
                let before = (row.opt_int(0)?.is_some(), row.opt_int(1)?.is_some());
                if before == (disabled_at.is_some(), delete_at.is_some()) {
                    return Ok(Switch::Unchanged);
                }
                tx.exec(SET_USER_STATE, &params![id, disabled_at, delete_at]).await?;
                let mut announced = announce_subjects(tx, Subjects::User(id), *now).await?;
                if *state != UserState::Enabled {
                    mail_links::kill(tx, id, *now).await?;
                    announced.merge(end_user(tx, id, *now).await?.1);
                }
                if let Some(mail) = mail {
                    mail_outbox::put(tx, id, mail).await?;
                }
                change_log::append(tx, Entity::User, id, *now).await?;
                audit::append(tx, records).await?;
                Ok(Switch::Done { announced })
            })
        })
        .await
    }

    /// Removes a user with all that is the user's; `None` when there is none of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_user(
        &self,
        id: &UserId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        self.change((id.clone(), now, records.to_vec()), |tx, (id, now, records)| {
            Box::pin(async move {
                let removed = remove(tx, id.as_str(), *now).await?;
                if removed.is_some() {
                    audit::append(tx, records).await?;
                }
                Ok(removed)
            })
        })
        .await
    }
}

/// Removes a user with all that is the user's; `None` when there is none of that id.
pub(crate) async fn remove(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<Option<Announced>> {
    let (_sessions, mut announced) = end_user(tx, id, now).await?;
    announced.merge(announce_subjects(tx, Subjects::User(id), now).await?);
    if tx.exec(DELETE_USER, &params![id]).await? == 0 {
        return Ok(None);
    }
    change_log::append(tx, Entity::User, id, now).await?;
    Ok(Some(announced))
}

pub(crate) async fn insert_user(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    if is_kept(tx, &user.username, user.id.as_str(), user.created_at).await? {
        return Err(Error::Exists(Entity::User));
    }
    let (disabled_at, delete_at) = instants(user.state);
    let values = params![
        user.id.as_str(),
        user.username.as_str(),
        disabled_at,
        delete_at,
        user.version,
        user.created_at,
        user.name.as_deref(),
        object(&user.claims),
        user.email_verified_at,
        user.updated_at,
    ];
    insert(tx, INSERT_USER, &values, Entity::User).await?;
    change_log::append(tx, Entity::User, user.id.as_str(), user.created_at).await
}

/// Ends what a user has open everywhere: sessions, at clients too, and all that was granted. Says how many sessions there
/// were.
pub(crate) async fn end_user(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(u64, Announced)> {
    let sessions = tx.exec(END_SESSIONS_OF_USER, &params![id]).await?;
    logout_outbox::queue(tx, Whose::User(id), now).await?;
    end_wishes(tx, id, now).await?;
    Ok((sessions, end_handles(tx, Owner::User(id), now).await?))
}

/// Since when a user is disabled, and when the user is deleted.
const fn instants(state: UserState) -> (Option<Timestamp>, Option<Timestamp>) {
    match state {
        UserState::Disabled { at } => (Some(at), None),
        UserState::Enabled => (None, None),
        UserState::Leaving { due_at } => (None, Some(due_at)),
    }
}

/// Reads a user's columns, in their order.
pub(crate) fn read_user(read: &mut Reader<'_>) -> Result<User> {
    let mut user = User {
        id: read.parse("id", UserId::parse)?,
        username: read.string("username")?,
        state: match (read.opt_at("disabled_at")?, read.opt_at("delete_at")?) {
            (Some(at), _) => UserState::Disabled { at },
            (None, Some(due_at)) => UserState::Leaving { due_at },
            (None, None) => UserState::Enabled,
        },
        version: read.int("version")?,
        created_at: read.at("created_at")?,
        name: read.opt_string("name")?,
        claims: read.json("claims")?,
        email_verified_at: read.opt_at("email_verified_at")?,
        updated_at: read.at("updated_at")?,
    };
    // A binary from before the column makes rows without it.
    user.updated_at = user.updated_at.max(user.created_at);
    Ok(user)
}
