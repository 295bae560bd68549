//! `users`: create, invite, list, show, update, disable, enable, delete, set-password, reset-second-factor,
//! send-verification, secret.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tokenry_engine::manage::{Manager, NewAddress, NewUser, UpdateUser};
use tokenry_model::{Membership, User, UserId, UserState};

use super::user_links::{self, Link};
use super::{Global, claims, page, password, propagation, user_secret};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a user, who can sign in once there is a password.
    Create(Create),
    /// Sends a user without a password a link to choose one; earlier links are dead.
    Invite {
        /// The user's id or username.
        user: String,
    },
    /// Lists all users.
    List,
    /// Shows one, with companies, roles, and what the user can sign in with.
    Show {
        /// The user's id or username.
        user: String,
    },
    /// Changes what is known of a user.
    Update(Update),
    /// Bars a user, who is signed out everywhere; what was granted ends for good.
    Disable {
        /// The user's id or username.
        user: String,
    },
    /// Lets a user sign in again, and keeps one who has deleted the account.
    Enable {
        /// The user's id or username.
        user: String,
    },
    /// Removes a user with all that is the user's.
    Delete {
        /// The user's id or username.
        user: String,
    },
    /// Gives a user a password, asked for on a terminal, else the first line of standard input; the user is signed out
    /// everywhere.
    SetPassword {
        /// The user's id or username.
        user: String,
    },
    /// Takes the second factors, passkeys too, with the recovery codes, from a user who has lost them.
    ResetSecondFactor {
        /// The user's id or username.
        user: String,
    },
    /// Sends a user a link that confirms the address; earlier links are dead.
    SendVerification {
        /// The user's id or username.
        user: String,
    },
    /// The secret of a developer's account.
    #[command(subcommand)]
    Secret(user_secret::Command),
}

/// A user to be made.
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// An e-mail address.
    #[arg(long, value_name = "MAIL")]
    username: String,
    /// The address is known to be the user's.
    #[arg(long)]
    email_verified: bool,
    /// How the user is called.
    #[arg(long)]
    name: Option<String>,
    /// Sends a link to choose a first password.
    #[arg(long)]
    invite: bool,
    /// The company that the user belongs to from the start.
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// A role held there; may be repeated.
    #[arg(long, value_name = "ROLE", requires = "company")]
    role: Vec<String>,
    /// The user is a developer, and has an account secret, which nobody is shown here.
    #[arg(long)]
    developer: bool,
    /// What else is known, by the names of OpenID Connect: a file with a JSON object, or - for standard input.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

/// What is to change; what is not named stays.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The user's id or username.
    user: String,
    /// Another e-mail address; the one until now is told.
    #[arg(long, value_name = "MAIL")]
    username: Option<String>,
    /// The other address is known to be the user's.
    #[arg(long, requires = "username")]
    email_verified: bool,
    /// How the user is called.
    #[arg(long, required_unless_present_any = ["no_name", "claims", "username", "developer", "no_developer"])]
    name: Option<String>,
    /// Nobody says how the user is called.
    #[arg(long, conflicts_with = "name")]
    no_name: bool,
    /// The user is a developer from now on, and has an account secret, which nobody is shown here.
    #[arg(long)]
    developer: bool,
    /// The user is no developer any more, and the account secret is dead.
    #[arg(long, conflicts_with = "developer")]
    no_developer: bool,
    /// What else is known, by the names of OpenID Connect: a file with a JSON object, or - for standard input; {} for
    /// nothing.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::Create(create) => run_create(create, global).await,
        Command::Invite { user } => user_links::send(Link::Invitation, &user, global).await,
        Command::List => run_list(global).await,
        Command::Show { user } => {
            let manager = global.host().await?.manager()?;
            let user = manager.user(&user).await?;
            global.output.thing(&shown(&manager, &user).await?)
        }
        Command::Update(update) => run_update(update, global).await,
        Command::Disable { user } => {
            let manager = global.host().await?.manager()?;
            let announced = manager.disable_user(&user).await?;
            let thing = thing(&manager.user(&user).await?);
            let done = "The user is signed out everywhere, and refused from the next request on.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Enable { user } => {
            let manager = global.host().await?.manager()?;
            let announced = manager.enable_user(&user).await?;
            let thing = thing(&manager.user(&user).await?);
            let done = "The user can sign in again. What had ended stays so.";
            propagation::report(global, &manager, &announced, thing, done).await
        }
        Command::Delete { user } => run_delete(&user, global).await,
        Command::SetPassword { user } => run_set_password(&user, global).await,
        Command::ResetSecondFactor { user } => run_reset_second_factor(&user, global).await,
        Command::Secret(command) => user_secret::run(command, global).await,
        Command::SendVerification { user } => user_links::send(Link::Verification, &user, global).await,
    }
}

async fn run_create(create: Create, global: &Global) -> Result {
    let new = NewUser {
        username: create.username,
        email_verified: create.email_verified,
        name: create.name,
        claims: create.claims.as_deref().map(claims::read).transpose()?.unwrap_or_default(),
        company: create.company,
        roles: create.role,
        developer: create.developer,
    };
    let host = global.host().await?;
    let manager = host.manager()?;
    let user = manager.create_user(new).await?;
    global.output.thing(&shown(&manager, &user).await?)?;
    let said = if create.invite {
        user_links::deliver(Link::Invitation, &user, host).await?.1
    } else {
        format!(
            "The user has no password yet. Let the user choose one with: tokenry users invite {id}\n\
             or give one with: tokenry users set-password {id}",
            id = user.id
        )
    };
    global.say(&format!("\n{said}"));
    Ok(())
}

async fn run_list(global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    let read = async |after: Option<UserId>, limit| manager.users(after.as_ref(), limit).await;
    let users = page::all(|user: &User| user.id.clone(), read).await?;
    let things: Vec<_> = users.iter().map(thing).collect();
    global.output.list(&["id", "username", "name", "state", "deletion_due_at", "created_at"], &things)
}

async fn run_update(update: Update, global: &Global) -> Result {
    let verified = update.email_verified;
    let change = UpdateUser {
        address: update.username.map(|username| NewAddress { username, verified }),
        name: update.name.map(Some).or(update.no_name.then_some(None)),
        claims: update.claims.as_deref().map(claims::read).transpose()?,
    };
    let manager = global.host().await?.manager()?;
    let mut user = manager.update_user(&update.user, change).await?;
    if update.developer {
        user = manager.make_developer(user.id.as_str()).await?;
    }
    if update.no_developer {
        let announced = manager.end_developer(user.id.as_str()).await?;
        let thing = shown(&manager, &manager.user(user.id.as_str()).await?).await?;
        let done = "The user is no developer, and the account has no secret.";
        return propagation::report(global, &manager, &announced, thing, done).await;
    }
    global.output.thing(&shown(&manager, &user).await?)
}

async fn run_delete(user: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    let User { id, username, .. } = manager.user(user).await?;
    global.confirm(&format!("Remove user {username} ({id}) with all that is the user's?"))?;
    let announced = manager.delete_user(id.as_str()).await?;
    let (thing, done) = (propagation::deleted(id.as_str()), format!("User {username} is removed."));
    propagation::report(global, &manager, &announced, thing, &done).await
}

async fn run_set_password(user: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    // Before anybody thinks of a password for nobody.
    let user = manager.user(user).await?;
    let password = password::read(global)?;
    let announced = manager.set_user_password(user.id.as_str(), &password).await?;
    let done = "The password is set. The user is signed out everywhere, and what applications were granted has ended; \
                personal access tokens and the account secret go on.";
    propagation::report(global, &manager, &announced, thing(&user), done).await
}

async fn run_reset_second_factor(user: &str, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    let user = manager.user(user).await?;
    global.confirm(&format!("Let {} sign in with a password alone?", user.username))?;
    let announced = manager.reset_second_factor(user.id.as_str()).await?;
    let done = "A password alone signs the user in. The user is signed out everywhere, and what was granted has ended.";
    propagation::report(global, &manager, &announced, thing(&user), done).await
}

fn thing(user: &User) -> Thing {
    let state = match user.state {
        UserState::Disabled { .. } => "disabled",
        UserState::Enabled => "enabled",
        UserState::Leaving { .. } => "leaving",
    };
    let deletion_due_at = match user.state {
        UserState::Leaving { due_at } => Some(due_at.to_string()),
        UserState::Disabled { .. } | UserState::Enabled => None,
    };
    Thing::new()
        .with("id", user.id.as_str())
        .with("username", user.username.as_str())
        .with("email_verified", user.email_verified_at.is_some())
        .maybe("name", user.name.as_deref())
        .maybe("claims", (!user.claims.is_empty()).then(|| user.claims.clone()))
        .with("state", state)
        .maybe("deletion_due_at", deletion_due_at)
        .with("created_at", user.created_at.to_string())
}

/// A user with what the account is made of.
async fn shown(manager: &Manager, user: &User) -> Result<Thing> {
    let factors = manager.factors(user).await?;
    let memberships = manager.memberships(&user.id).await?;
    let memberships: Vec<_> = memberships.iter().map(membership).collect();
    let codes = factors.second_factor.is_some().then_some(factors.recovery_codes);
    let developer = manager.developer_since(user).await?;
    Ok(thing(user)
        .with("developer", developer.is_some())
        .with("password", factors.password)
        .with("passkeys", factors.passkeys)
        .with("second_factor", factors.second_factor.is_some())
        .maybe("recovery_codes_left", codes)
        .with("memberships", memberships))
}

fn membership(membership: &Membership) -> serde_json::Value {
    serde_json::json!({ "company_id": membership.company_id.as_str(), "roles": membership.roles })
}
