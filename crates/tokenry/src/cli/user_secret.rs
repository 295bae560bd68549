//! `users secret`: the secret of a developer's account: show, reveal, rotate, revoke. What each does is recorded, and told to its
//! owner by mail.

use clap::Subcommand;
use tokenry_engine::{OwnAccountSecret, OwnSecretValue};

use super::{Global, propagation};
use crate::config::Ttl;
use crate::failure::Result;
use crate::output::Thing;

/// What to do with the secret of a developer's account.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows it masked: its last characters, since when, when it was last used.
    Show {
        /// The user's id or username.
        user: String,
    },
    /// Shows its value, where it is kept; its owner is told.
    Reveal {
        /// The user's id or username.
        user: String,
    },
    /// Gives the account another one, also after a revocation; the owner is told, and sees it at Developer Settings. Not where
    /// `reveal = "once"`: there the owner rotates it, who alone is shown it.
    Rotate {
        /// The user's id or username.
        user: String,
        /// How long the one until now still works, at most 7d; otherwise it is dead.
        #[arg(long, value_name = "DURATION")]
        overlap: Option<Ttl>,
    },
    /// Ends it: it is refused from the next request on, and its owner is told.
    Revoke {
        /// The user's id or username.
        user: String,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::Show { user } => {
            let (id, secret) = (manager.user(&user).await?.id, manager.account_secret(&user).await?);
            global.output.thing(&thing(id.as_str(), &secret))
        }
        Command::Reveal { user } => {
            let user = manager.user(&user).await?;
            global.confirm(&format!("Show the account secret of {}, who is told of it?", user.username))?;
            let value = manager.reveal_account_secret(user.id.as_str()).await?;
            let secret = manager.account_secret(user.id.as_str()).await?;
            global.output.thing(&thing(user.id.as_str(), &secret).with("client_secret", value.expose()))
        }
        Command::Rotate { user, overlap } => {
            let user = manager.user(&user).await?;
            let overlap = overlap.map(|ttl| ttl.duration());
            if overlap.is_none() {
                global.confirm(&format!("End the account secret of {} at once?", user.username))?;
            }
            let announced = manager.rotate_account_secret(user.id.as_str(), overlap).await?;
            let secret = manager.account_secret(user.id.as_str()).await?;
            let done = "The account has another secret, which its owner sees at Developer Settings.";
            propagation::report(global, &manager, &announced, thing(user.id.as_str(), &secret), done).await
        }
        Command::Revoke { user } => {
            let user = manager.user(&user).await?;
            global.confirm(&format!("Revoke the account secret of {}?", user.username))?;
            let announced = manager.revoke_account_secret(user.id.as_str()).await?;
            let secret = manager.account_secret(user.id.as_str()).await?;
            let done = "The account secret is refused from the next request on.";
            propagation::report(global, &manager, &announced, thing(user.id.as_str(), &secret), done).await
        }
    }
}

fn thing(user: &str, secret: &OwnAccountSecret) -> Thing {
    let thing = Thing::new()
        .with("user_id", user)
        .with("developer_since", secret.developer_since.to_string())
        .with("status", if secret.current.is_some() { "works" } else { "revoked" });
    let Some(current) = &secret.current else { return thing };
    let used = current.last_use.as_ref();
    thing
        .with("id", current.id.as_str())
        .with("prefix", secret.prefix.as_str())
        .with("last4", current.last4.as_str())
        .with("created_at", current.created_at.to_string())
        .with("revealable", current.revealable)
        .maybe("revealed_at", current.revealed_at.map(|at| at.to_string()))
        .maybe("last_used_at", used.map(|used| used.at.to_string()))
        .maybe("last_used_address", used.and_then(|used| used.address.clone()))
        .maybe("last_used_client", used.and_then(|used| used.client.clone()))
        .maybe("former", secret.former.as_ref().map(former))
}

/// The one before, while it works.
fn former(value: &OwnSecretValue) -> serde_json::Value {
    serde_json::json!({
        "id": value.id.as_str(),
        "last4": value.last4,
        "works_until": value.works_until.map(|until| until.to_string()),
        "last_used_at": value.last_use.as_ref().map(|used| used.at.to_string()),
    })
}
