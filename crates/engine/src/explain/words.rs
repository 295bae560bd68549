//! Words for people: how long something is, and what a token says, so that neither length nor letters can mislead.

use std::time::Duration;

use serde_json::Value;
use tokenry_clock::Timestamp;

/// How much of a value is shown: enough to see what is wrong.
const SHOWN: usize = 200;

/// `3 h ago` or `in 5 min`, seen from `now`.
pub(super) fn when(instant: Timestamp, now: Timestamp) -> String {
    if instant > now {
        format!("in {}", span(instant.since(now)))
    } else {
        format!("{} ago", span(now.since(instant)))
    }
}

/// How long, in the largest unit that fits, rounded down.
pub(super) fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0 if !length.is_zero() => format!("{} ms", length.as_millis()),
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A claim or a header parameter, as JSON would have it; what is invisible is spelled out.
pub(super) fn said(value: Option<&Value>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(Value::Array(items)) => {
            let shown: Vec<_> = items.iter().take(10).map(|item| said(Some(item))).collect();
            let more = if items.len() > shown.len() { ", …" } else { "" };
            format!("[{}{more}]", shown.join(", "))
        }
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::String(text)) => quoted(text),
        Some(plain) => plain.to_string(),
    }
}

/// Text of a stranger in quotes.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        let cases = [
            (0, "0 s"),
            (119_999, "119 s"),
            (120_000, "2 min"),
            (7_199_999, "119 min"),
            (7_200_000, "2 h"),
            (172_799_999, "47 h"),
            (172_800_000, "2 days"),
            (500, "500 ms"),
        ];
        for (millis, expected) in cases {
            assert_eq!(span(Duration::from_millis(millis)), expected);
        }
        let (now, later) = (Timestamp::from_secs(1_000), Timestamp::from_secs(1_060));
        assert_eq!((when(now, later).as_str(), when(later, now).as_str()), ("60 s ago", "in 60 s"));
    }

    #[test]
    fn what_a_stranger_wrote_cannot_mislead() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}b\n"), r#""a\u{1b}[31m\u{202e}b\n""#);
        assert_eq!(quoted(&"x".repeat(1_000)).chars().count(), SHOWN + 3);
        let nested = serde_json::json!(["a\u{7}", 1, null, {"b": 2}]);
        assert_eq!(said(Some(&nested)), r#"["a\u{7}", 1, null, an object]"#);
        assert_eq!(said(None), "missing");
    }
}
