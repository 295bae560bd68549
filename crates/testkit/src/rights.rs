//! Changes to what somebody may do, by chance and as operators make them.

use proptest::prelude::*;
use proptest::sample::subsequence;
use tokenry_engine::manage::{Allowance, AllowedScopes, Manager, NewRole, UpdateCompany, UpdateRole};

use crate::app::TestApp;
use crate::demo::{AUDIENCE, SCOPES};

/// The roles that changes are about.
const ROLES: [&str; 3] = ["one", "two", "three"];

/// One change to what somebody may do. Companies are counted as [`Rights::companies`] has them.
#[derive(Clone, Debug)]
pub enum RightsChange {
    /// A company may act, or may not.
    Company {
        /// Which one.
        company: usize,
        /// Whether it is disabled from now on.
        disabled: bool,
    },
    /// They have these roles in a company, as a member from now on if they were none.
    Join {
        /// Which one.
        company: usize,
        /// All roles that they have there then.
        roles: Vec<&'static str>,
    },
    /// They are no member any more.
    Leave {
        /// Of which company.
        company: usize,
    },
    /// The last company belongs to the others' corporation, or to none.
    Moved {
        /// Whether it belongs there.
        in_group: bool,
    },
    /// A role gives something else.
    Role {
        /// Its name.
        role: &'static str,
        /// What it gives at the Timesheets API.
        scopes: Vec<&'static str>,
        /// Whether it gives what there is at [`Rights::elsewhere`].
        elsewhere: bool,
        /// Whether what it gives holds for all companies of the corporation.
        corporation_wide: bool,
    },
    /// They may act, or may not.
    User {
        /// Whether they are disabled from now on.
        disabled: bool,
    },
}

impl RightsChange {
    /// Any change, those to roles and memberships more often.
    pub fn any() -> impl Strategy<Value = Self> {
        let some = |all: &[&'static str]| subsequence(all.to_vec(), 0..=all.len());
        prop_oneof![
            1 => (0..3_usize, any::<bool>()).prop_map(|(company, disabled)| Self::Company { company, disabled }),
            4 => (0..3_usize, some(&ROLES)).prop_map(|(company, roles)| Self::Join { company, roles }),
            1 => (0..3_usize).prop_map(|company| Self::Leave { company }),
            1 => any::<bool>().prop_map(|in_group| Self::Moved { in_group }),
            4 => (0..3_usize, some(&SCOPES), any::<bool>(), any::<bool>()).prop_map(
                |(role, scopes, elsewhere, corporation_wide)| Self::Role {
                    role: ROLES[role],
                    scopes,
                    elsewhere,
                    corporation_wide
                }
            ),
            1 => any::<bool>().prop_map(|disabled| Self::User { disabled }),
        ]
    }
}

/// Whose rights are changed, and where.
#[derive(Clone, Debug)]
pub struct Rights {
    manager: Manager,
    user: String,
    group: String,
    /// Two companies of one corporation, and one that may join them.
    pub companies: [String; 3],
    elsewhere: Option<(String, String)>,
}

impl Rights {
    /// Those of a user at the demo's companies, with roles that give nothing yet; `elsewhere` is another API and its scope.
    pub async fn of(app: &TestApp, user: &str, elsewhere: Option<(&str, &str)>) -> Self {
        for name in ROLES {
            let new = NewRole { name: name.to_owned(), ..NewRole::default() };
            app.manager.create_role(new).await.unwrap();
        }
        Self {
            manager: app.manager.clone(),
            user: user.to_owned(),
            group: app.demo.acme_group.clone(),
            companies: [&app.demo.acme, &app.demo.acme_labs, &app.demo.globex].map(Clone::clone),
            elsewhere: elsewhere.map(|(api, scope)| (api.to_owned(), scope.to_owned())),
        }
    }

    /// Makes a change as an operator would; what cannot be done now changes nothing.
    pub async fn change(&self, change: &RightsChange) {
        let (manager, user) = (&self.manager, self.user.as_str());
        match change {
            RightsChange::Company { company, disabled: true } => {
                drop(manager.disable_company(&self.companies[*company]).await);
            }
            RightsChange::Company { company, disabled: false } => {
                drop(manager.enable_company(&self.companies[*company]).await);
            }
            RightsChange::Join { company, roles } => {
                let roles: Vec<_> = roles.iter().map(|role| (*role).to_owned()).collect();
                let company = &self.companies[*company];
                if manager.add_member(company, user, &roles).await.is_err() {
                    drop(manager.set_member_roles(company, user, &roles).await);
                }
            }
            RightsChange::Leave { company } => {
                drop(manager.remove_member(&self.companies[*company], user).await);
            }
            RightsChange::Moved { in_group } => {
                let group = in_group.then(|| self.group.clone());
                let update = UpdateCompany { name: None, corporation: Some(group) };
                drop(manager.update_company(&self.companies[2], update).await);
            }
            RightsChange::Role { role, scopes, elsewhere, corporation_wide } => {
                let update = UpdateRole {
                    allow: self.allowances(scopes, *elsewhere),
                    corporation_wide: Some(*corporation_wide),
                    ..UpdateRole::default()
                };
                drop(manager.update_role(role, update).await.unwrap());
            }
            RightsChange::User { disabled: true } => drop(manager.disable_user(user).await),
            RightsChange::User { disabled: false } => drop(manager.enable_user(user).await),
        }
    }

    fn allowances(&self, scopes: &[&str], elsewhere: bool) -> Vec<Allowance> {
        let only = |api: &str, scopes: &[&str]| Allowance {
            api: api.to_owned(),
            scopes: AllowedScopes::Only(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        };
        let other = self.elsewhere.as_ref().map(|(api, scope)| match elsewhere {
            true => only(api, &[scope]),
            false => only(api, &[]),
        });
        std::iter::once(only(AUDIENCE, scopes)).chain(other).collect()
    }
}
