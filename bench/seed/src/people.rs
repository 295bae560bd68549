//! Somebody in a company of their own who may do all that there is at the API.

use anyhow::{Context, Result};
use tokenry_clock::Timestamp;
use tokenry_model::{
    Company, CompanyId, Event, Membership, ResourceServer, Role, RolePermission, Subject, SystemRng, User,
    UserId, UserState,
};
use tokenry_protocol::scope::Scope;
use tokenry_store::Store;

use super::{SCOPES, made};

const ROLE: &str = "employee";

/// Who they are, and for whom they act.
pub(crate) struct Person {
    pub(crate) company: Company,
    /// As stored in the end: each change counts its version.
    pub(crate) user: User,
}

pub(crate) async fn person(store: &Store, api: &ResourceServer, now: Timestamp) -> Result<Person> {
    let company = Company {
        id: CompanyId::generate(now, &SystemRng),
        name: "Acme's people".to_owned(),
        corporation_id: None,
        disabled_at: None,
        version: 1,
        created_at: now,
    };
    store
        .create_company(&company, &[made(now, Event::CompanyCreated, Subject::Company(company.id.clone()))])
        .await?;
    let id = UserId::parse("usr_bench")?;
    store.create_user(&user(id.clone(), now), &[]).await?;
    store.create_role(&role(api, now)?, &[]).await?;
    let membership = Membership {
        user_id: id.clone(),
        company_id: company.id.clone(),
        roles: vec![ROLE.to_owned()],
        created_at: now,
    };
    store.add_membership(&membership, &[]).await?;
    let user = store.find_user(&id).await?.context("the user that was made")?;
    Ok(Person { company, user })
}

fn user(id: UserId, now: Timestamp) -> User {
    User {
        id,
        username: "bench@acme.example".to_owned(),
        email_verified_at: Some(now),
        name: Some("Bench".to_owned()),
        claims: Default::default(),
        state: UserState::Enabled,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn role(api: &ResourceServer, now: Timestamp) -> Result<Role> {
    let permission =
        RolePermission { resource_server_id: api.id.clone(), scope: Scope::parse(&SCOPES.join(" "))? };
    Ok(Role {
        name: ROLE.to_owned(),
        description: String::new(),
        corporation_wide: false,
        permissions: vec![permission],
        created_at: now,
    })
}
