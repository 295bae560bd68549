//! Memberships: which user is in which company, with which roles there.

use tokenry_clock::Timestamp;
use tokenry_model::{Event, Membership, Record, Subject, UserId};
use tokenry_store::{Announced, Member};

use super::Manager;
use super::error::Error;

impl Manager {
    /// A page of a company's members in the order of their ids.
    ///
    /// # Errors
    /// When there is no such company.
    pub async fn members(
        &self,
        company: &str,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<Member>, Error> {
        let company = self.company(company).await?.id;
        self.store.list_members(&company, after, limit).await.map_err(Error::Store)
    }

    /// The companies that a user is in, with the roles held there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, Error> {
        self.store.list_memberships(user).await.map_err(Error::Store)
    }

    /// Makes a user a member of a company.
    ///
    /// # Errors
    /// When user, company or a role does not exist, or the user is a member already.
    pub async fn add_member(&self, company: &str, user: &str, roles: &[String]) -> Result<Member, Error> {
        let member = self.member(company, user, roles).await?;
        let membership = &member.membership;
        let record = self.record_of_member(membership, Event::MembershipAdded, membership.created_at);
        let added = self.store.add_membership(membership, &[record]).await;
        added.map_err(|error| in_company(error, user, company))?;
        Ok(member)
    }

    /// Gives a member these roles and no others, for the next request. Where one is taken away, what was granted in the
    /// company ends. Tells what guards must learn.
    ///
    /// # Errors
    /// When user, company or a role does not exist, or the user is no member.
    pub async fn set_member_roles(
        &self,
        company: &str,
        user: &str,
        roles: &[String],
    ) -> Result<(Member, Announced), Error> {
        let mut member = self.member(company, user, roles).await?;
        let membership = &mut member.membership;
        let now = membership.created_at;
        let record = self.record_of_member(membership, Event::MembershipUpdated, now);
        let set = self.store.set_membership_roles(membership, now, &[record]).await;
        let announced = set.map_err(|error| in_company(error, user, company))?;
        let held = self.memberships(&membership.user_id).await?;
        let held = held.into_iter().find(|held| held.company_id == membership.company_id);
        *membership = held.ok_or_else(|| Error::not_found("membership", named(user, company)))?;
        Ok((member, announced))
    }

    /// Ends a membership: the user acts for the company no more, and what was granted there ends. Tells what guards must
    /// learn.
    ///
    /// # Errors
    /// When user or company does not exist, or the user is no member.
    pub async fn remove_member(&self, company: &str, user: &str) -> Result<Announced, Error> {
        let Member { membership, .. } = self.member(company, user, &[]).await?;
        let now = membership.created_at;
        let record = self.record_of_member(&membership, Event::MembershipRemoved, now);
        let (user_id, company_id) = (&membership.user_id, &membership.company_id);
        let removed = self.store.remove_membership(user_id, company_id, now, &[record]).await;
        let removed = removed.map_err(Error::Store)?;
        removed.ok_or_else(|| Error::not_found("membership", named(user, company)))
    }

    /// What is recorded of a membership names the company, and the roles as they are from then on.
    pub(super) fn record_of_member(&self, membership: &Membership, event: Event, now: Timestamp) -> Record {
        let record = self.record(now, event, Subject::User(membership.user_id.clone()));
        let record = Record { company: Some(membership.company_id.clone()), ..record };
        match event {
            Event::MembershipRemoved => record,
            _ => record.with("roles", membership.roles.clone()),
        }
    }

    /// A membership of now, whether or not there is one.
    async fn member(&self, company: &str, user: &str, roles: &[String]) -> Result<Member, Error> {
        let company_id = self.company(company).await?.id;
        let user = self.user(user).await?;
        let roles = self.existing_roles(roles).await?;
        let created_at = self.clock.now();
        let membership = Membership { user_id: user.id, company_id, roles, created_at };
        Ok(Member { username: user.username, membership })
    }
}

fn in_company(error: tokenry_store::Error, user: &str, company: &str) -> Error {
    Error::from_store(error, "membership", named(user, company))
}

fn named(user: &str, company: &str) -> String {
    format!("{user} in {company}")
}
