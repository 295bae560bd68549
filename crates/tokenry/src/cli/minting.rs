//! How many tokens a client got lately, and what to do where it keeps none.

use tokenry_engine::manage::{Manager, MintedTokens};
use tokenry_model::Client;

use super::Global;
use crate::output::{Thing, spoken};

/// Adds what the audit trail says. Where it does not answer, the client is shown without.
pub(super) async fn show(thing: Thing, client: &Client, manager: &Manager, global: &Global) -> Thing {
    match manager.minted_tokens(client).await {
        Ok(minted) => thing
            .with("tokens_last_hour", minted.last_hour)
            .with("tokens_last_24h", minted.last_day)
            .maybe("warning", warning(&minted)),
        Err(error) => {
            global.say(&format!("How many tokens it got cannot be counted: {error}"));
            thing
        }
    }
}

fn warning(minted: &MintedTokens) -> Option<String> {
    let ttl = minted.kept_none_for?;
    Some(format!(
        "{} tokens in the last 24 h, each valid for {}: it does not cache them. Let it keep a token until shortly before \
         `expires_in` has passed, and share it between threads; tokenry-token-source does.",
        grouped(minted.last_day),
        spoken(ttl)
    ))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_warning_says_how_many_how_long_and_what_to_do() {
        let day = Duration::from_secs(86_400);
        let minted = MintedTokens { last_hour: 50, last_day: 1_204, kept_none_for: Some(day) };
        let said = warning(&minted).unwrap();
        let begins =
            "1,204 tokens in the last 24 h, each valid for 24 hours: it does not cache them. Let it keep";
        assert!(said.starts_with(begins), "{said}");
        assert_eq!(warning(&MintedTokens { kept_none_for: None, ..minted }), None);
    }

    #[test]
    fn numbers_as_people_read_them() {
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
