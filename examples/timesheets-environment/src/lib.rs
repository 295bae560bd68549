//! How the example programs read their environment variables: all that are required, or the names of all that are missing.
//!
//! Secrets come this way and not on the command line: arguments are visible to every process of the machine.

use thiserror::Error;

/// Variables that are required and not set.
#[derive(Debug, Eq, Error, PartialEq)]
#[error("set the environment variable {}; `tokenry dev` prints the lines to copy", .0.join(", "))]
pub struct Missing(Vec<&'static str>);

/// The values of `names`, in their order.
///
/// # Errors
/// [`Missing`], with the names of all that are unset or empty.
pub fn required<const N: usize>(names: [&'static str; N]) -> Result<[String; N], Missing> {
    required_from(names, optional)
}

/// The value of `name`; empty counts as missing.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "example programs have no registry; this is their one reader")]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required_from<const N: usize>(
    names: [&'static str; N],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<[String; N], Missing> {
    let values = names.map(|name| variable(name).ok_or(name));
    let missing: Vec<_> = values.iter().filter_map(|value| value.as_ref().err().copied()).collect();
    if missing.is_empty() { Ok(values.map(Result::unwrap_or_default)) } else { Err(Missing(missing)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_variables_are_named_at_once() {
        let names = ["ISSUER", "AUDIENCE", "CLIENT_ID"];
        let only = |name: &str| (name == "AUDIENCE").then(|| "value".to_owned());
        let text = required_from(names, only).unwrap_err().to_string();
        assert_eq!(
            text,
            "set the environment variable ISSUER, CLIENT_ID; `tokenry dev` prints the lines to copy"
        );
    }

    #[test]
    fn values_come_in_the_order_of_their_names() {
        assert_eq!(required_from(["B", "A"], |name| Some(name.to_lowercase())).unwrap(), ["b", "a"]);
    }
}
