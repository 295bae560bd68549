//! Scope-tokens as types: `scopes!` makes them, and a wrong one does not compile.

/// A type that stands for one scope-token of the API. Made by [`scopes!`](crate::scopes!).
pub trait ScopeType: Copy + Send + Sync + 'static {
    /// The scope-token, exactly as in the token's `scope` claim.
    const TOKEN: &'static str;
}

/// Declares the API's scopes, each as a zero-sized type that is a policy for a route.
///
/// ```
/// tokenry_guard::scopes! {
///     pub Read = "read:timesheets";
///     /// Uploading, by employees and by the cron job.
///     pub Create = "create:timesheets";
/// }
/// # use tokenry_guard::ScopeType;
/// assert_eq!(Create::TOKEN, "create:timesheets");
/// ```
///
/// The text has to be one scope-token of RFC 6749 §3.3, checked by the compiler:
///
/// ```compile_fail
/// tokenry_guard::scopes! { pub Read = "read timesheets"; }
/// ```
#[macro_export]
macro_rules! scopes {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident = $token:literal);+ $(;)?) => {$(
        $(#[$attribute])*
        #[doc = concat!("The scope-token `", $token, "`.")]
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        $visibility struct $name;

        impl $crate::ScopeType for $name {
            const TOKEN: &'static str = {
                assert!($crate::__is_scope_token($token), "not a scope-token (RFC 6749 section 3.3)");
                $token
            };
        }

        const _: &str = <$name as $crate::ScopeType>::TOKEN;
    )+};
}

/// Whether `text` is one scope-token of RFC 6749 §3.3, for the compiler to ask.
#[doc(hidden)]
#[must_use]
pub const fn is_scope_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], 0x21 | 0x23..=0x5B | 0x5D..=0x7E) {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty()
}

#[cfg(test)]
mod tests {
    use tokenry_protocol::scope::ScopeToken;

    use super::is_scope_token;

    #[test]
    fn the_compiler_and_the_parser_agree_on_every_byte() {
        assert!(!is_scope_token(""));
        for byte in 0..=0x7F_u8 {
            let text = char::from(byte).to_string();
            assert_eq!(is_scope_token(&text), ScopeToken::parse(&text).is_ok(), "{byte:#x}");
        }
    }
}
