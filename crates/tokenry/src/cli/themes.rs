//! `themes`: how the pages look, the server's own and those of sign-ins to an application: list, show, set, remove.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tokenry_engine::manage::SetTheme;
use tokenry_model::{Accent, Theme};
use tokenry_store::ThemeOf;

use super::Global;
use crate::failure::{Code, Failure, Result};
use crate::output::Thing;

/// More than a logo may ever have, in bytes.
const MAX_FILE: u64 = 1_024 * 1_024;

/// What to do with themes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists all themes.
    List,
    /// Shows one.
    Show {
        /// The application whose sign-in pages look so; otherwise the server's own.
        #[arg(long, value_name = "ID")]
        client: Option<String>,
    },
    /// Makes or changes how the pages look; what is not named stays.
    Set(Set),
    /// Removes one: the pages look as they would without it.
    Remove {
        /// The application whose sign-in pages look so; otherwise the server's own.
        #[arg(long, value_name = "ID")]
        client: Option<String>,
    },
}

/// How the pages are to look.
#[derive(Args, Debug)]
pub(crate) struct Set {
    /// The application whose sign-in pages are to look so; otherwise all pages are, where no application's say otherwise.
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// Whose pages they are, in the place of "Tokenry".
    #[arg(long, required_unless_present_any = ["accent", "logo"])]
    name: Option<String>,
    /// The colour of buttons, such as #0b5bb5; it must stand out from the page.
    #[arg(long, value_name = "COLOUR")]
    accent: Option<String>,
    /// The same on dark pages, where the other one would not do there.
    #[arg(long, value_name = "COLOUR", requires = "accent")]
    accent_dark: Option<String>,
    /// A picture to show beside the name: PNG, JPEG or WebP of at most 128 KiB; it is shown 48 pixels high.
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    let manager = global.host().await?.manager()?;
    match command {
        Command::List => {
            let themes = manager.themes().await?;
            let things: Vec<_> = themes.iter().map(|(of, theme)| thing(client_id(of), theme)).collect();
            global.output.list(&["of", "name", "accent", "accent_dark", "logo"], &things)
        }
        Command::Show { client } => {
            let theme = manager.theme(client.as_deref()).await?;
            global.output.thing(&thing(client.as_deref(), &theme))
        }
        Command::Set(Set { client, name, accent, accent_dark, logo }) => {
            let logo = logo.as_deref().map(read).transpose()?;
            let set = SetTheme { name, accent, accent_dark, logo };
            let theme = manager.set_theme(client.as_deref(), set).await?;
            global.output.thing(&thing(client.as_deref(), &theme))?;
            global.say("The pages look so within a second.");
            Ok(())
        }
        Command::Remove { client } => {
            manager.delete_theme(client.as_deref()).await?;
            global.say("The pages look as they would without it within a second.");
            Ok(())
        }
    }
}

/// A file, or as much of it as is more than a logo may have.
fn read(file: &Path) -> Result<Vec<u8>> {
    let mut picture = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(MAX_FILE).read_to_end(&mut picture));
    read.map_err(|error| {
        Failure::new(Code::Usage, format!("the logo in {} cannot be read: {error}", file.display()))
    })?;
    Ok(picture)
}

fn client_id(of: &ThemeOf) -> Option<&str> {
    match of {
        ThemeOf::Client(client) => Some(client.as_str()),
        ThemeOf::Server => None,
    }
}

fn thing(client: Option<&str>, theme: &Theme) -> Thing {
    let accent = theme.accent.map(|Accent { light, dark }| (light.to_string(), dark.to_string()));
    let (light, dark) = accent.unzip();
    Thing::new()
        .with("of", client.unwrap_or("server"))
        .maybe("name", theme.name.as_deref())
        .maybe("accent", light)
        .maybe("accent_dark", dark)
        .maybe("logo", theme.logo.as_deref())
}
