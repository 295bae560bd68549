//! A colour of a theme, and how well it can be told from another.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr as _;

use palette::Srgb;
use palette::color_difference::Wcag21RelativeContrast as _;
use thiserror::Error;

/// An opaque colour in sRGB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Color(Srgb<u8>);

/// A text that is no colour.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a colour is written as # and six hexadecimal digits, such as #0b5bb5")]
pub struct InvalidColor;

impl Color {
    /// `#000000`.
    pub const BLACK: Self = Self::new(0, 0, 0);
    /// `#ffffff`.
    pub const WHITE: Self = Self::new(0xff, 0xff, 0xff);

    /// Of its red, green and blue.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self(Srgb::new(red, green, blue))
    }

    /// Reads `#rrggbb`, as style sheets have it.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidColor> {
        let six = |digits: &&str| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let digits = text.strip_prefix('#').filter(six).ok_or(InvalidColor)?;
        Srgb::from_str(digits).map(Self).map_err(|_unreadable| InvalidColor)
    }

    /// How well one can be told from the other, from 1, not at all, to 21, black from white (WCAG 2.1, contrast ratio).
    #[must_use]
    pub fn contrast(self, other: Self) -> f32 {
        self.0.into_format::<f32>().relative_contrast(other.0.into_format())
    }

    /// Black or white, whichever can be read better on this: at 4.5 to 1 or more, whatever this is.
    #[must_use]
    pub fn readable_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }
}

impl Display for Color {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0.red, self.0.green, self.0.blue)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrasts_are_those_of_wcag() {
        let grey = Color::parse("#777777").unwrap();
        assert!((Color::BLACK.contrast(Color::WHITE) - 21.0).abs() < 0.01);
        assert!((grey.contrast(Color::WHITE) - 4.48).abs() < 0.01, "{}", grey.contrast(Color::WHITE));
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in
            ["", "#", "0b5bb5", "#0b5bb", "#0b5bb55", "#0b5bbg", "#ÿÿÿ", "red", "#abc", "#+1+1+1", " #0b5bb5"]
        {
            assert_eq!(Color::parse(text), Err(InvalidColor), "{text}");
        }
        assert_eq!(Color::parse("#0B5bB5").unwrap().to_string(), "#0b5bb5");
    }

    proptest! {
        #[test]
        fn every_colour_is_read_as_it_was_written_and_can_be_written_on(red: u8, green: u8, blue: u8) {
            let color = Color::new(red, green, blue);
            prop_assert_eq!(Color::parse(&color.to_string()), Ok(color));
            prop_assert!(color.readable_on().contrast(color) >= 4.5);
        }
    }
}
