//! The command line: global options, the commands, and how they end.

mod apis;
mod audit;
mod backup;
mod claims;
mod client_keys;
mod clients;
mod companies;
mod completions;
mod config;
mod copy;
mod corporations;
mod database;
mod doctor;
mod grants;
mod healthcheck;
mod integrations;
mod keyring;
mod keys;
mod logouts;
mod man;
mod members;
mod migrate;
mod minting;
mod page;
mod password;
mod prompt;
mod propagation;
mod quotas;
mod reference;
mod restore;
mod roles;
mod secret_view;
mod secrets;
mod sessions;
mod themes;
mod token;
mod tokens;
mod user_links;
mod user_secret;
mod users;

use std::io::{IsTerminal, stderr, stdin};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::failure::{Code, Failure, Result};
use crate::host::Host;
use crate::output::{Format, talk};
use crate::{dev, init, serve};

/// OAuth 2.0 / OpenID Connect authorization server with the API protection round it.
#[derive(Debug, Parser)]
#[command(name = "tokenry", version, arg_required_else_help = true, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = "tokenry.toml")]
    pub(crate) config: PathBuf,
    /// How data is written to stdout.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: Format,
    /// Do what is asked without asking back.
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Never ask; fail where an answer is missing.
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Say nothing on stderr but errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Global {
    /// The database that the configuration names.
    pub(crate) async fn host(&self) -> Result<Host> {
        Host::open(&self.config).await
    }

    /// Says something to the person at the terminal.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Whether there is somebody to ask.
    pub(crate) fn may_ask(&self) -> bool {
        !self.no_input && stdin().is_terminal() && stderr().is_terminal()
    }

    /// Asks before something that cannot be undone.
    pub(crate) fn confirm(&self, question: &str) -> Result {
        if self.yes {
            return Ok(());
        }
        if !self.may_ask() {
            let failure = Failure::new(Code::Usage, format!("{question} Nobody is there to ask."));
            return Err(failure.hint("add --yes"));
        }
        if prompt::confirm(question)? {
            Ok(())
        } else {
            Err(Failure::new(Code::Failure, "nothing was changed"))
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs everything on this machine with a seeded demo: nothing to configure.
    Dev(dev::Options),
    /// Runs the authorization server.
    Serve(serve::Options),
    /// Makes what a server needs: commented configuration, keyring, database.
    Init(init::Options),
    /// Brings the database's schema up to date.
    Migrate,
    /// Looks at all that a server rests on, and says what to do about what is wrong.
    Doctor,
    /// Writes the database to one file, while servers work on it.
    Backup(backup::Options),
    /// Puts a backup in the database's place. Servers have to be stopped.
    Restore(restore::Options),
    /// Copies the database to another engine. Servers have to be stopped.
    Copy(copy::Options),
    /// The configuration: check, print, schema.
    #[command(subcommand)]
    Config(config::Command),
    /// The applications that ask for tokens.
    #[command(subcommand)]
    Clients(clients::Command),
    /// The APIs that tokens are for.
    #[command(subcommand)]
    Apis(apis::Command),
    /// Which application may ask for tokens for which API.
    #[command(subcommand)]
    Grants(grants::Command),
    /// The companies that tokens act for.
    #[command(subcommand)]
    Companies(companies::Command),
    /// The corporations that hold companies.
    #[command(subcommand)]
    Corporations(corporations::Command),
    /// The people who sign in.
    #[command(subcommand)]
    Users(users::Command),
    /// What members of companies may do, by API.
    #[command(subcommand)]
    Roles(roles::Command),
    /// Connections to other systems, each a client of its own.
    #[command(subcommand)]
    Integrations(integrations::Command),
    /// An application's secrets.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Who is signed in where.
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// How the pages look: name, logo and colour, of all or of one application.
    #[command(subcommand)]
    Themes(themes::Command),
    /// Which applications are to be told that a session has ended, and what became of it.
    #[command(subcommand)]
    Logouts(logouts::Command),
    /// The keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Command),
    /// The master keys that lock the database.
    #[command(subcommand)]
    Keyring(keyring::Command),
    /// Access tokens: decode, explain, verify.
    #[command(subcommand)]
    Token(token::Command),
    /// Personal access tokens: those that users have made for themselves.
    #[command(subcommand)]
    Tokens(tokens::Command),
    /// What happened, and why a request was refused.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Asks a running server whether it is ready.
    Healthcheck(healthcheck::Options),
    /// Completions for a shell.
    Completions(completions::Options),
    /// The manual page of a command, or all of them in a folder.
    Man(man::Options),
    /// Writes the pages of docs/reference, for `cargo xtask generate`.
    #[command(hide = true)]
    Reference(reference::Options),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            talk(&format!("error: no threads can be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            talk(&failure.to_string());
            ExitCode::from(failure.code as u8)
        }
    }
}

async fn dispatch(cli: Cli) -> Result {
    let global = &cli.global;
    match cli.command {
        Command::Dev(options) => dev::run(options, global).await,
        Command::Serve(options) => serve::run(options, global).await,
        Command::Init(options) => init::run(options, global).await,
        Command::Migrate => migrate::run(global).await,
        Command::Doctor => doctor::run(global).await,
        Command::Backup(options) => backup::run(options, global).await,
        Command::Restore(options) => restore::run(options, global).await,
        Command::Copy(options) => copy::run(options, global).await,
        Command::Config(command) => config::run(&command, global),
        Command::Clients(command) => clients::run(command, global).await,
        Command::Apis(command) => apis::run(command, global).await,
        Command::Grants(command) => grants::run(command, global).await,
        Command::Companies(command) => companies::run(command, global).await,
        Command::Corporations(command) => corporations::run(command, global).await,
        Command::Users(command) => users::run(command, global).await,
        Command::Roles(command) => roles::run(command, global).await,
        Command::Integrations(command) => integrations::run(command, global).await,
        Command::Secrets(command) => secrets::run(command, global).await,
        Command::Sessions(command) => sessions::run(command, global).await,
        Command::Themes(command) => themes::run(command, global).await,
        Command::Logouts(command) => logouts::run(command, global).await,
        Command::Keys(command) => keys::run(command, global).await,
        Command::Keyring(command) => keyring::run(command, global).await,
        Command::Token(command) => token::run(command, global).await,
        Command::Tokens(command) => tokens::run(command, global).await,
        Command::Audit(command) => audit::run(command, global).await,
        Command::Healthcheck(options) => healthcheck::run(options, global).await,
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
        Command::Reference(options) => reference::run(&options),
    }
}

/// The command line's own description, for completions and pages.
fn description() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_description_is_sound() {
        super::description().debug_assert();
    }
}
