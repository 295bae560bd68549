//! Links that users get by mail: an invitation to choose a first password, and one that confirms an address.

use tokenry_engine::mail::{Postman, Sent};
use tokenry_model::{Actor, User};

use super::Global;
use crate::failure::Result;
use crate::host::Host;
use crate::output::Thing;

/// What a link is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    /// Choosing a first password.
    Invitation,
    /// Confirming the address.
    Verification,
}

/// Sends a link to the user of that id or username, and says until when it works.
pub(super) async fn send(link: Link, user: &str, global: &Global) -> Result {
    let host = global.host().await?;
    let user = host.manager()?.user(user).await?;
    let (sent, said) = deliver(link, &user, host).await?;
    let thing = Thing::new()
        .with("id", user.id.as_str())
        .with("username", user.username.as_str())
        .with("link_ends_at", sent.ends_at.to_string());
    global.output.thing(&thing)?;
    global.say(&said);
    Ok(())
}

/// Puts a mail with a link to a user into the outbox, and yields a sentence about it.
pub(super) async fn deliver(link: Link, user: &User, host: Host) -> Result<(Sent, String)> {
    let is_configured = host.config.mail.url.find().is_some();
    let postman = Postman {
        store: host.store,
        clock: host.clock,
        rng: host.rng,
        data_key: host.data_key,
        issuer: host.config.issuer,
        actor: Actor::Operator,
    };
    let sent = match link {
        Link::Invitation => postman.invite(user.id.as_str()).await?,
        Link::Verification => postman.send_verification(user.id.as_str()).await?,
    };
    let (to, ends) = (&user.username, sent.ends_at);
    let said = if is_configured {
        format!("A link for {to} is on its way; it ends at {ends}. A running server sends it within seconds.")
    } else {
        format!(
            "A link for {to} waits for a day to be sent; it ends at {ends}. No mail server is configured here (mail.url): \
             under `dev` it is in the mailbox."
        )
    };
    Ok((sent, said))
}
