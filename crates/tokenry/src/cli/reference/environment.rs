//! The page of the environment: the twins of the configuration's keys, and the other variables.

use super::{code, head, table};
use crate::config::KEYS;
use crate::env::VARIABLES;

pub(super) fn page() -> String {
    let mut page = head(
        "Environment",
        "An empty variable is as good as none. A variable wins over the configuration file, and an option of the command line \
         over both.",
    );
    page.push_str(
        "\n## Twins of the configuration's keys\n\n\
         Each has a second form: with `_FILE` added, the name of a file that holds the value, as secret managers mount them. \
         Both at once are an error.\nLists are written with commas. What the keys mean: [configuration](configuration.md).\n",
    );
    let form = |list| if list { "list" } else { "value" }.to_owned();
    let twins = KEYS
        .iter()
        .map(|key| [code(key.env), code(format_args!("{}_FILE", key.env)), code(key.path), form(key.list)]);
    page.push_str(&table(["variable", "or the name of a file", "key", "form"], twins));
    page.push_str("\n## Others\n");
    let others = VARIABLES.iter().map(|(name, meaning)| [code(name), (*meaning).to_owned()]);
    page.push_str(&table(["variable", "meaning"], others));
    page.push_str(
        "\nWhere systemd started the server, it also heeds `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `LISTEN_FDS`, as systemd sets \
         them. On Linux `SSL_CERT_FILE` and\n`SSL_CERT_DIR` name other certificate authorities than the system's for what it asks of \
         others. `pg_dump` and `pg_restore` are found on the `PATH`; of\nvariables that begin with `PG` they are told what `database` says, and \
         none that would lead them elsewhere.\n",
    );
    page
}
