//! How pages look: the server's own, or in the place of that an application's.

use crate::color::Color;

/// How pages look. What is `None` is not said: an application's pages are then like the server's, and those as they come.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Theme {
    /// Whose pages they are, in the place of "Tokenry".
    pub name: Option<String>,
    /// The colour of what people are to press.
    pub accent: Option<Accent>,
    /// The name of a picture to show beside the name: of its content and kind, so that another has another.
    pub logo: Option<String>,
}

/// A colour on light pages, and on dark ones.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accent {
    /// Where pages are light.
    pub light: Color,
    /// Where they are dark.
    pub dark: Color,
}

impl Theme {
    /// The same, with what it does not say taken from `other`.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            name: self.name.clone().or_else(|| other.name.clone()),
            accent: self.accent.or(other.accent),
            logo: self.logo.clone().or_else(|| other.logo.clone()),
        }
    }
}
