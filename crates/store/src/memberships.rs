//! Memberships: which user is in which company, with which roles there.

use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, Membership, Record, User, UserId};

use crate::change_log::{self, Entity};
use crate::companies::COMPANY_EXISTS;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::guard_events::Announced;
use crate::own_events::{Subjects, announce_subjects};
use crate::roles::must_be_roles;
use crate::store::{insert, must_exist, update};
use crate::token_handles::{Owner, end_handles};
use crate::users::{BUMP_USER, insert_user};
use crate::{Store, audit, params, statements};

statements! {
    pub(crate) LIST_MEMBERSHIPS =
        "SELECT m.company_id, m.created_at, r.role FROM memberships m \
         LEFT JOIN membership_roles r ON r.user_id = m.user_id AND r.company_id = m.company_id \
         WHERE m.user_id = $1 ORDER BY m.company_id, r.role";
    /// A page of members, each with all roles held there.
    pub(crate) LIST_MEMBERS =
        "SELECT m.user_id, u.username, m.created_at, r.role FROM memberships m JOIN users u ON u.id = m.user_id \
         LEFT JOIN membership_roles r ON r.user_id = m.user_id AND r.company_id = m.company_id \
         WHERE m.company_id = $1 AND m.user_id IN (SELECT n.user_id FROM memberships n \
         WHERE n.company_id = $1 AND n.user_id > $2 ORDER BY n.user_id LIMIT $3) ORDER BY m.user_id, r.role";
    pub(crate) LIST_ROLES_HELD =
        "SELECT role FROM membership_roles WHERE user_id = $1 AND company_id = $2 ORDER BY role";
    pub(crate) INSERT_MEMBERSHIP =
        "INSERT INTO memberships (user_id, company_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    pub(crate) INSERT_ROLE =
        "INSERT INTO membership_roles (user_id, company_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    pub(crate) FIND_MEMBERSHIP = "SELECT created_at FROM memberships WHERE user_id = $1 AND company_id = $2";
    pub(crate) DELETE_ROLES = "DELETE FROM membership_roles WHERE user_id = $1 AND company_id = $2";
    pub(crate) DELETE_MEMBERSHIP = "DELETE FROM memberships WHERE user_id = $1 AND company_id = $2";
}

/// A member of a company.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The user's name.
    pub username: String,
    /// Who, with which roles, since when.
    pub membership: Membership,
}

impl Store {
    /// A user's memberships by company, the roles of each by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_memberships(&self, user_id: &UserId) -> Result<Vec<Membership>> {
        let rows = self.db.rows(LIST_MEMBERSHIPS, &params![user_id.as_str()]).await?;
        let mut memberships = Vec::<Membership>::new();
        for row in &rows {
            let mut read = Reader::new(row, "memberships");
            let company_id = read.parse("company_id", CompanyId::parse)?;
            let created_at = read.at("created_at")?;
            read.table("membership_roles");
            let role = read.opt_string("role")?;
            match memberships.last_mut() {
                Some(last) if last.company_id == company_id => last.roles.extend(role),
                _ => {
                    let roles = role.into_iter().collect();
                    memberships.push(Membership { user_id: user_id.clone(), company_id, roles, created_at });
                }
            }
        }
        Ok(memberships)
    }

    /// Up to `limit` members of a company after the user `after`, by the users' ids, the roles of each by name.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_members(
        &self,
        company_id: &CompanyId,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<Member>> {
        let after = after.map_or("", UserId::as_str);
        let rows = self.db.list(LIST_MEMBERS, &params![company_id.as_str(), after, limit]).await?;
        members(company_id, &rows)
    }

    /// Makes a user who is a member of a company from the start.
    ///
    /// # Errors
    /// When the id or the username is taken, the company or a role does not exist, or the database does not answer.
    pub async fn create_member(
        &self,
        user: &User,
        membership: &Membership,
        records: &[Record],
    ) -> Result<()> {
        let input = (user.clone(), membership.clone(), records.to_vec());
        self.change(input, |tx, (user, membership, records)| {
            Box::pin(async move {
                insert_user(tx, user).await?;
                insert_membership(tx, membership).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Makes a user a member of a company.
    ///
    /// # Errors
    /// When the user, the company or a role does not exist, when the user is a member already, or when the database does
    /// not answer.
    pub async fn add_membership(&self, membership: &Membership, records: &[Record]) -> Result<()> {
        self.change((membership.clone(), records.to_vec()), |tx, (membership, records)| {
            Box::pin(async move {
                let user = membership.user_id.as_str();
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                insert_membership(tx, membership).await?;
                announce_subjects(tx, Subjects::User(user), membership.created_at).await?;
                change_log::append(tx, Entity::User, user, membership.created_at).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Gives a member these roles and no others. Where one is taken away, what was granted in the company ends; says what
    /// guards must learn of it.
    ///
    /// # Errors
    /// When the user is no member there, a role does not exist, or the database does not answer.
    pub async fn set_membership_roles(
        &self,
        membership: &Membership,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Announced> {
        let input = (membership.clone(), now, records.to_vec());
        self.change(input, |tx, (membership, now, records)| {
            Box::pin(async move {
                let (user, company) = (membership.user_id.as_str(), membership.company_id.as_str());
                if tx.opt(FIND_MEMBERSHIP, &params![user, company]).await?.is_none() {
                    return Err(Error::Missing(Entity::Membership));
                }
                let mut less = false;
                for row in tx.rows(LIST_ROLES_HELD, &params![user, company]).await? {
                    let role = Reader::new(&row, "membership_roles").string("role")?;
                    less |= !membership.roles.contains(&role);
                }
                tx.exec(DELETE_ROLES, &params![user, company]).await?;
                insert_roles(tx, user, company, &membership.roles).await?;
                let mut announced = announce_subjects(tx, Subjects::User(user), *now).await?;
                if less {
                    announced.merge(end_membership(tx, user, company, *now).await?);
                }
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                change_log::append(tx, Entity::User, user, *now).await?;
                audit::append(tx, records).await?;
                Ok(announced)
            })
        })
        .await
    }

    /// Ends a membership, its roles and what was granted there with it; `None` when there is none. Says what guards must
    /// learn of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_membership(
        &self,
        user_id: &UserId,
        company_id: &CompanyId,
        now: Timestamp,
        records: &[Record],
    ) -> Result<Option<Announced>> {
        let input = (user_id.clone(), company_id.clone(), now, records.to_vec());
        self.change(input, |tx, (user_id, company_id, now, records)| {
            Box::pin(async move {
                let (user, company) = (user_id.as_str(), company_id.as_str());
                if tx.exec(DELETE_MEMBERSHIP, &params![user, company]).await? == 0 {
                    return Ok(None);
                }
                let mut announced = end_membership(tx, user, company, *now).await?;
                announced.merge(announce_subjects(tx, Subjects::User(user), *now).await?);
                update(tx, BUMP_USER, &params![user], Entity::User).await?;
                change_log::append(tx, Entity::User, user, *now).await?;
                audit::append(tx, records).await?;
                Ok(Some(announced))
            })
        })
        .await
    }
}

pub(crate) async fn insert_membership(tx: &mut Tx<'_>, membership: &Membership) -> Result<()> {
    let (user, company) = (membership.user_id.as_str(), membership.company_id.as_str());
    must_exist(tx, COMPANY_EXISTS, company, Entity::Company).await?;
    let values = params![user, company, membership.created_at];
    insert(tx, INSERT_MEMBERSHIP, &values, Entity::Membership).await?;
    insert_roles(tx, user, company, &membership.roles).await
}

async fn insert_roles(tx: &mut Tx<'_>, user: &str, company: &str, roles: &[String]) -> Result<()> {
    must_be_roles(tx, roles).await?;
    for role in roles {
        tx.exec(INSERT_ROLE, &params![user, company, role.as_str()]).await?;
    }
    Ok(())
}

/// Ends what a user was granted in a company.
pub(crate) async fn end_membership(
    tx: &mut Tx<'_>,
    user: &str,
    company: &str,
    now: Timestamp,
) -> Result<Announced> {
    end_handles(tx, Owner::Membership(user, company), now).await
}

/// Members of rows that come in the order of their ids, one for each role or one without.
fn members(company_id: &CompanyId, rows: &[Row]) -> Result<Vec<Member>> {
    let mut members = Vec::<Member>::new();
    for row in rows {
        let mut read = Reader::new(row, "memberships");
        let user_id = read.parse("user_id", UserId::parse)?;
        let username = read.string("username")?;
        let created_at = read.at("created_at")?;
        read.table("membership_roles");
        let role = read.opt_string("role")?;
        match members.last_mut() {
            Some(last) if last.membership.user_id == user_id => last.membership.roles.extend(role),
            _ => {
                let (company_id, roles) = (company_id.clone(), role.into_iter().collect());
                let membership = Membership { user_id, company_id, roles, created_at };
                members.push(Member { username, membership });
            }
        }
    }
    Ok(members)
}
