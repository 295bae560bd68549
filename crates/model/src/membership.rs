//! A membership: one user in one company, with the roles held there.

use tokenry_clock::Timestamp;

use crate::ids::{CompanyId, UserId};

/// One user in one company. Roles stand on the membership: a manager at one company may be nobody at the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Membership {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub company_id: CompanyId,
    /// The roles held there, by name.
    pub roles: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
}
