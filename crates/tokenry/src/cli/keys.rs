//! `keys`: list, rotate, revoke.

mod session;

use clap::{Args, Subcommand, ValueEnum};
use tokenry_clock::Timestamp;
use tokenry_engine::keys::{Keyholder, KeysError, Outgoing, Rotated};
use tokenry_jose::Algorithm;
use tokenry_model::{KeyState, SigningKeyRecord};
use tokenry_protocol::discovery::MAX_AGE_SECS;

use super::{Global, propagation};
use crate::failure::{Code, Failure, Result};
use crate::host::settings;
use crate::output::Thing;

/// What became of a key that was revoked, and of one that was not.
const REVOKED: &str = "The key is out of the key set, and the tokens that it signed are dead.";
const RETIRED: &str =
    "The next key signs. The one before verifies until the last token that it signed has expired.";

/// What to do with signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the keys and where each is in its life.
    List {
        /// What the keys are for.
        #[arg(long = "use", value_enum, value_name = "USE", default_value_t)]
        key_use: KeyUse,
    },
    /// Kills a key, and every token that it signed: the one that signs, the next one, or one from before.
    Revoke {
        /// Which, as `keys list` shows it. One in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Lets the published next key sign at once, and publishes another.
    Rotate(Rotate),
}

/// What keys are for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyUse {
    /// They sign and seal the cookies of people who sign in.
    Session,
    /// They sign tokens.
    #[default]
    Token,
}

/// A rotation.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// The key that signs now has leaked: it, and every token or cookie that it signed, is dead at once.
    #[arg(long)]
    revoke: bool,
    /// What the keys are for. Nobody is signed out when those of sessions are rotated, but by --revoke.
    #[arg(long = "use", value_enum, value_name = "USE", default_value_t)]
    key_use: KeyUse,
    /// Whose keys: RS256, PS256, ES256 or EdDSA; otherwise those of tokens.signing_alg.
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    alg: Option<Algorithm>,
}

impl Rotate {
    const fn outgoing(&self) -> Outgoing {
        if self.revoke { Outgoing::Revoke } else { Outgoing::Retire }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::List { key_use: KeyUse::Session } => session::list(global).await,
        Command::List { key_use: KeyUse::Token } => {
            let host = global.host().await?;
            let now = host.clock.now();
            let keys = host.keyholder().list().await.map_err(failed)?;
            let things: Vec<_> = keys.iter().map(|key| thing(key, now)).collect();
            global
                .output
                .list(&["kid", "algorithm", "status", "since", "verifies_until", "created_at"], &things)
        }
        Command::Revoke { kid } => run_revoke(&kid, global).await,
        Command::Rotate(rotate) if rotate.key_use == KeyUse::Session => {
            session::rotate(&rotate, global).await
        }
        Command::Rotate(rotate) => run_rotate(&rotate, global).await,
    }
}

async fn run_revoke(kid: &str, global: &Global) -> Result {
    let host = global.host().await?;
    let (manager, now) = (host.manager()?, host.clock.now());
    global.confirm(&format!("Kill the key {kid} and every token that it signed?"))?;
    let keyholder = host.keyholder();
    let (key, announced) = keyholder.revoke(kid, now).await.map_err(failed)?;
    propagation::report(global, &manager, &announced, thing(&key, now), REVOKED).await?;
    say_rest(&keyholder, now, global).await
}

async fn run_rotate(rotate: &Rotate, global: &Global) -> Result {
    let host = global.host().await?;
    let algorithm = rotate.alg.unwrap_or(settings(&host.config)?.signing_alg);
    let outgoing = rotate.outgoing();
    if rotate.revoke {
        global
            .confirm(&format!("Kill the {algorithm} key that signs now and every token that it signed?"))?;
    }
    let (manager, now) = (host.manager()?, host.clock.now());
    let keyholder = host.keyholder();
    let rotated = keyholder.rotate(algorithm, outgoing, now).await.map_err(failed)?;
    let thing = Thing::new()
        .with("algorithm", algorithm.as_str())
        .with("active", rotated.active.kid.as_str())
        .with("pending", rotated.pending.kid.as_str())
        .with("outgoing", rotated.outgoing.kid.as_str())
        .with("outgoing_status", status(&rotated.outgoing, now))
        .maybe("outgoing_verifies_until", verifies_until(&rotated.outgoing))
        .with("overtaken", rotated.overtaken);
    let done = if rotated.outgoing.state.is_revoked() { REVOKED } else { RETIRED };
    propagation::report(global, &manager, &rotated.announced, thing, done).await?;
    explain(&rotated, global);
    if rotated.outgoing.state.is_revoked() { say_rest(&keyholder, now, global).await } else { Ok(()) }
}

fn explain(rotated: &Rotated, global: &Global) {
    if rotated.overtaken {
        global.say("Somebody else rotated at the same moment; these are the keys now.");
    }
    if rotated.published_for.as_secs() < MAX_AGE_SECS {
        let seconds = rotated.published_for.as_secs();
        global.say(&format!(
            "warning: the key that signs now was published only {seconds} s ago. Guards are told; other verifiers, which \
             keep the key set for up to {MAX_AGE_SECS} s, may refuse its tokens until they ask for the set again."
        ));
    }
}

/// After a revocation: who learns of it late, and what the others verify that leaked with it, or before it.
async fn say_rest(keyholder: &Keyholder, now: Timestamp, global: &Global) -> Result {
    global.say(&format!(
        "Verifiers that are no guards learn it from the key set, which they keep for up to {MAX_AGE_SECS} s."
    ));
    let keys = keyholder.list().await.map_err(failed)?;
    let rest = keys.iter().filter(|key| key.state.is_published_at(now)).map(|key| {
        let until = verifies_until(key).map(|until| format!(" until {until}")).unwrap_or_default();
        format!("\n  {} {} {}{until}", key.kid, key.algorithm, status(key, now))
    });
    global.say(&format!(
        "These keys still verify; `keys revoke` kills one by its id:{}",
        rest.collect::<String>()
    ));
    Ok(())
}

fn thing(key: &SigningKeyRecord, now: Timestamp) -> Thing {
    Thing::new()
        .with("kid", key.kid.as_str())
        .with("algorithm", key.algorithm.as_str())
        .with("status", status(key, now))
        .maybe("since", key.state.since().map(|since| since.to_string()))
        .maybe("verifies_until", verifies_until(key))
        .with("created_at", key.created_at.to_string())
}

fn verifies_until(key: &SigningKeyRecord) -> Option<String> {
    match key.state {
        KeyState::Active { .. } | KeyState::Pending => None,
        KeyState::Retired { verifies_until, .. } => Some(verifies_until.to_string()),
    }
}

fn status(key: &SigningKeyRecord, now: Timestamp) -> &'static str {
    match key.state {
        KeyState::Active { .. } => "active",
        KeyState::Pending => "pending",
        KeyState::Retired { .. } if key.state.is_revoked() => "revoked",
        KeyState::Retired { .. } if key.state.is_published_at(now) => "retired",
        KeyState::Retired { .. } => "ended",
    }
}

fn failed(error: KeysError) -> Failure {
    let code = match &error {
        KeysError::TooMany { .. } => Code::Conflict,
        KeysError::None { .. } | KeysError::NoSessionKey | KeysError::Unknown { .. } => Code::NotFound,
        KeysError::Generate(_) | KeysError::Set(_) | KeysError::Stored { .. } | KeysError::Store(_) => {
            return Failure::from(anyhow::Error::from(error).context("the signing keys cannot be moved on"));
        }
    };
    Failure::new(code, error.to_string())
}

fn algorithm(word: &str) -> std::result::Result<Algorithm, String> {
    Algorithm::parse(word).map_err(|_unknown| "it is one of RS256, PS256, ES256, EdDSA".to_owned())
}
