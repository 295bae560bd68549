//! Enums that are stored and shown as one fixed word each.

use thiserror::Error;

/// A stored or typed word that names no variant.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("\"{value}\" is no {what}; it is one of {expected}")]
pub struct UnknownValue {
    /// What was being read, such as "client type".
    pub what: &'static str,
    /// What was found instead.
    pub value: String,
    /// The words that would do, with commas between them.
    pub expected: String,
}

/// Gives an enum `as_str`, `meaning`, `parse`, `ALL` and `Display` from one table of words.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[doc = $doc:literal])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[doc = $doc])* $variant),+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The fixed word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it means, as its documentation has it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_ascii()),+ }
            }

            /// Reads the fixed word.
            ///
            /// # Errors
            /// When `value` is none of the words.
            pub fn parse(value: &str) -> Result<Self, $crate::UnknownValue> {
                match value {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownValue {
                        what: $what,
                        value: value.to_owned(),
                        expected: [$($word),+].join(", "),
                    }),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use text_enum;
