//! The page of the command line, from its description.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, ValueEnum};

use super::{code, head, table};
use crate::failure::Code;

pub(super) fn page() -> String {
    let mut described = crate::cli::description();
    described.build();
    let mut page = head(
        "Command line",
        "Data goes to stdout, talk to stderr. Secrets come by standard input or from files, never as arguments. Operators' \
         commands work on the\ndatabase that the configuration names, also while servers run on it; what one did holds for \
         every request after it returned.",
    );
    page.push_str("\n## Options of every command\n");
    page.push_str(&arguments(described.get_arguments().filter(|own| own.is_global_set())));
    page.push_str("\n## Exit codes\n");
    let codes = Code::value_variants().iter().map(|it| {
        let described = it.to_possible_value();
        let meaning = described.as_ref().and_then(|it| it.get_help()).map(StyledStr::to_string);
        [(*it as u8).to_string(), sentence(meaning)]
    });
    let ok = ["0".to_owned(), "It did what was asked.".to_owned()];
    page.push_str(&table(["code", "meaning"], std::iter::once(ok).chain(codes)));
    for command in shown(&described) {
        describe(command, &mut page);
    }
    page
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|own| !own.is_hide_set() && own.get_name() != "help")
}

/// A command, and those below it.
fn describe(command: &Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    page.push_str(&format!("\n## {name}\n\n"));
    let about = command.get_long_about().or(command.get_about()).map(StyledStr::to_string);
    page.push_str(&format!("{}\n", sentence(about)));
    let below = command.get_subcommands().any(|own| own.get_name() != "help");
    if !below {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").split_whitespace().collect::<Vec<_>>().join(" ");
        if usage != format!("{name} [OPTIONS]") {
            page.push_str(&format!("\n```text\n{usage}\n```\n"));
        }
    }
    page.push_str(&arguments(command.get_arguments().filter(|own| !own.is_global_set())));
    shown(command).for_each(|own| describe(own, page));
}

fn arguments<'a>(all: impl Iterator<Item = &'a Arg>) -> String {
    let named = |own: &&Arg| !own.is_hide_set() && !matches!(own.get_id().as_str(), "help" | "version");
    let rows: Vec<_> = all.filter(named).map(|own| [code(spelling(own)), meaning(own)]).collect();
    if rows.is_empty() { String::new() } else { table(["option", "meaning"], rows) }
}

/// `-q, --quiet`, `--label <LABEL>` or `<CLIENT_ID>`.
fn spelling(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let values = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let flags = [short, long].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let values = if argument.get_action().takes_values() { values } else { String::new() };
    [flags, values].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What it means, and whether it is needed, may be repeated, which values there are, and the default.
fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).map(StyledStr::to_string);
    let mut meaning = vec![sentence(help)];
    if argument.is_required_set() {
        meaning.push("Required.".to_owned());
    }
    let many = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
    let said = meaning[0].contains("repeated");
    if !said && (matches!(argument.get_action(), ArgAction::Append) || many) {
        meaning.push("May be given several times.".to_owned());
    }
    let takes_values = argument.get_action().takes_values();
    let values = argument.get_possible_values();
    let values: Vec<_> =
        values.iter().filter(|it| takes_values && !it.is_hide_set()).map(|it| code(it.get_name())).collect();
    if !values.is_empty() {
        meaning.push(format!("One of {}.", values.join(", ")));
    }
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|it| code(it.to_string_lossy())).collect();
    if takes_values && !defaults.is_empty() {
        meaning.push(format!("Default: {}.", defaults.join(", ")));
    }
    if let Some(variable) = argument.get_env() {
        meaning.push(format!("Environment: {}.", code(variable.to_string_lossy())));
    }
    meaning.join(" ")
}

/// Help on one line, which ends with a full stop though clap takes it away.
fn sentence(help: Option<String>) -> String {
    let help = help.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if help.ends_with(['.', ':', '?', '!']) || help.is_empty() { help } else { help + "." }
}
