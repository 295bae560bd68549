//! `companies members`: list, add, update, remove.

use clap::Subcommand;
use tokenry_engine::manage::{Manager, Member};
use tokenry_model::UserId;

use super::{Global, page, propagation};
use crate::failure::Result;
use crate::output::Thing;

/// What to do with a company's members.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists a company's members with their roles.
    List {
        /// The company.
        company: String,
    },
    /// Makes a user a member of a company.
    Add {
        /// The company.
        company: String,
        /// The user's id or username.
        user: String,
        /// A role held there; may be repeated.
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
    },
    /// Gives a member other roles. Where one is taken away, what was granted in the company ends.
    Update {
        /// The company.
        company: String,
        /// The user's id or username.
        user: String,
        /// A role held there from then on; may be repeated. Others are taken away.
        #[arg(long, value_name = "ROLE", required_unless_present = "no_role")]
        role: Vec<String>,
        /// All roles are taken away; the user stays a member.
        #[arg(long, conflicts_with = "role")]
        no_role: bool,
    },
    /// Ends a membership: the user acts for the company no more, and what was granted there ends.
    Remove {
        /// The company.
        company: String,
        /// The user's id or username.
        user: String,
    },
}

/// Runs the command.
pub(super) async fn run(command: Command, manager: &Manager, global: &Global) -> Result {
    match command {
        Command::List { company } => {
            let read =
                async |after: Option<UserId>, limit| manager.members(&company, after.as_ref(), limit).await;
            let members = page::all(|member: &Member| member.membership.user_id.clone(), read).await?;
            let things: Vec<_> = members.iter().map(thing).collect();
            global.output.list(&["user_id", "username", "roles", "created_at"], &things)
        }
        Command::Add { company, user, role } => {
            global.output.thing(&thing(&manager.add_member(&company, &user, &role).await?))
        }
        Command::Update { company, user, role, no_role: _ } => {
            let (member, announced) = manager.set_member_roles(&company, &user, &role).await?;
            let done = "The member has these roles from the next request on.";
            propagation::report(global, manager, &announced, thing(&member), done).await
        }
        Command::Remove { company, user } => {
            let user = manager.user(&user).await?;
            let company = manager.company(&company).await?;
            global.confirm(&format!("Take {} out of company \"{}\"?", user.username, company.name))?;
            let announced = manager.remove_member(company.id.as_str(), user.id.as_str()).await?;
            let thing = Thing::new()
                .with("company_id", company.id.as_str())
                .with("user_id", user.id.as_str())
                .with("removed", true);
            let done = "The user acts for the company no more, and what was granted there has ended.";
            propagation::report(global, manager, &announced, thing, done).await
        }
    }
}

fn thing(member: &Member) -> Thing {
    let membership = &member.membership;
    Thing::new()
        .with("company_id", membership.company_id.as_str())
        .with("user_id", membership.user_id.as_str())
        .with("username", member.username.as_str())
        .with("roles", membership.roles.clone())
        .with("created_at", membership.created_at.to_string())
}
