//! `keys list --use session`, `keys rotate --use session`: the keys of what browsers carry.

use tokenry_engine::session::session_key_removable_at;
use tokenry_store::SessionKeyRow;

use super::{Rotate, failed};
use crate::cli::Global;
use crate::failure::{Code, Failure, Result};
use crate::output::Thing;

pub(super) async fn list(global: &Global) -> Result {
    let host = global.host().await?;
    let keys = host.keyholder().list_session_keys().await.map_err(failed)?;
    let things: Vec<_> = keys.iter().map(thing).collect();
    global.output.list(&["kid", "status", "created_at", "retired_at", "opens_at_least_until"], &things)
}

pub(super) async fn rotate(rotate: &Rotate, global: &Global) -> Result {
    if rotate.alg.is_some() {
        let text = "session keys have no algorithm to choose";
        return Err(Failure::new(Code::Usage, text).hint("leave out --alg"));
    }
    let host = global.host().await?;
    if rotate.revoke {
        global
            .confirm("Kill the key that seals cookies now, and sign out everybody whose cookie it sealed?")?;
    }
    let now = host.clock.now();
    let rotated = host.keyholder().rotate_session_key(rotate.outgoing(), now).await;
    let rotated = rotated.map_err(failed)?;
    let outgoing = rotated.outgoing.as_ref();
    let thing = Thing::new()
        .with("use", "session")
        .with("active", rotated.active.kid.as_str())
        .with("outgoing", rotated.outgoing_kid.as_str())
        .with("outgoing_status", outgoing.map_or("revoked", status))
        .with("overtaken", rotated.overtaken)
        // Guards hold none of these keys: there is nothing that they would have to learn.
        .with("propagated", true);
    global.output.thing(&thing)?;
    global.say(match outgoing {
        Some(_) => {
            "Within seconds the new key seals. The one before opens what it sealed; nobody is signed out."
        }
        None => "The key is gone. Whoever had a cookie of it has to sign in again.",
    });
    Ok(())
}

fn thing(key: &SessionKeyRow) -> Thing {
    let until = key.retired_at.map(|at| session_key_removable_at(at).to_string());
    Thing::new()
        .with("kid", key.kid.as_str())
        .with("status", status(key))
        .with("created_at", key.created_at.to_string())
        .maybe("retired_at", key.retired_at.map(|at| at.to_string()))
        .maybe("opens_at_least_until", until)
}

fn status(key: &SessionKeyRow) -> &'static str {
    if key.retired_at.is_some() { "retired" } else { "active" }
}
