//! What `[tokens]` says of where people may try a new personal access token: a live one is sent there, so it is never guessed.

use tokenry_engine::manage::check_outbound_uri;

use crate::config::{Tokens, quoted};
use crate::failure::{Code, Failure, Result};

/// Audiences, and an address of each.
pub(crate) fn try_at(tokens: &Tokens) -> Result<Vec<(String, String)>> {
    tokens.try_at.iter().map(|text| read(text)).collect()
}

fn read(text: &str) -> Result<(String, String)> {
    let refused = |problem: &str| {
        let text = format!("tokens.try_at: {}: {problem}", quoted(text));
        Failure::new(Code::Usage, text).hint("write both: https://api.example.com https://api.example.com/me")
    };
    let parts = text.split_once(' ').filter(|(audience, _url)| !audience.is_empty());
    let (audience, url) = parts.ok_or_else(|| refused("it is not an audience, a space and an address"))?;
    check_outbound_uri(url).map_err(|problem| refused(&problem))?;
    Ok((audience.to_owned(), url.to_owned()))
}
