//! What GitHub's reports of leaked credentials take, as it is configured.

use tokenry_engine::manage::check_outbound_uri;

use crate::config::{Leaks, quoted};
use crate::failure::{Code, Failure, Result};

/// Where GitHub publishes the keys of its reports; `None`: those are not taken.
pub(crate) fn github_keys(leaks: &Leaks) -> Result<Option<String>> {
    let Leaks { github, github_keys } = leaks;
    check_outbound_uri(github_keys).map_err(|problem| {
        let text = format!("leaks.github_keys: {}: {problem}", quoted(github_keys));
        Failure::new(Code::Usage, text).hint("write where GitHub publishes its keys, or leave it out")
    })?;
    Ok(github.then(|| github_keys.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(github: bool, address: &str) -> Result<Option<String>> {
        github_keys(&Leaks { github, github_keys: address.to_owned() })
    }

    #[test]
    fn the_address_counts_where_reports_are_taken_and_is_checked_where_they_are_not() {
        let published = Leaks::default().github_keys;
        assert_eq!(keys(false, &published).unwrap(), None);
        assert_eq!(keys(true, &published).unwrap(), Some(published));
        assert!(keys(true, "http://127.0.0.1:1234/keys").is_ok());
        for wrong in
            ["", "keys", "http://example.com/keys", "https://me@example.com/keys", "https://example.com:25/"]
        {
            for github in [false, true] {
                let error = format!("{:?}", keys(github, wrong).unwrap_err());
                assert!(error.contains("leaks.github_keys") && error.contains(wrong), "{error}");
            }
        }
    }
}
