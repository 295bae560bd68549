//! How a page looks: a name, a picture, and a style sheet that is nothing but two colours, so that no page has a style of its own
//! in it.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use tokenry_engine::themes::LogoKind;
use tokenry_model::{Accent, Color, Theme};

use super::style::{CSS, FOR_EVER};
use crate::app::State;
use crate::problem::{Failure, Fault};

/// What the pages are called where nobody has said.
const NAME: &str = "Tokenry";
/// A picture that is opened by itself does nothing.
const PICTURE_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// How a page looks.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Whose page it is.
    pub(crate) name: String,
    /// Where the picture beside the name is.
    pub(crate) logo: Option<String>,
    /// Where the colours are, if they are not those of the one style sheet.
    pub(crate) colors: Option<String>,
}

impl From<Theme> for Look {
    fn from(theme: Theme) -> Self {
        Self {
            name: theme.name.unwrap_or_else(|| NAME.to_owned()),
            logo: theme.logo.map(|name| format!("/assets/logos/{name}")),
            colors: theme.accent.map(|accent| format!("/assets/{}", file_name(accent))),
        }
    }
}

impl State {
    /// How pages look that no application waits for.
    pub(crate) fn look(&self) -> Look {
        self.engine.theme(None).into()
    }
}

/// `accent-0b5bb5-7ab7ff.css`.
fn file_name(Accent { light, dark }: Accent) -> String {
    let [light, dark] = [light, dark].map(|color| color.to_string().replace('#', ""));
    format!("accent-{light}-{dark}.css")
}

/// The colours that a name is of; `None`: it is of none.
pub(super) fn colors(name: &str) -> Option<Response> {
    let (light, dark) = name.strip_prefix("accent-")?.strip_suffix(".css")?.split_once('-')?;
    let [light, dark] = [light, dark].map(|digits| Color::parse(&format!("#{digits}")).ok());
    let accent = Accent { light: light?, dark: dark? };
    // One name for one sheet.
    if file_name(accent) != name {
        return None;
    }
    let of = |color: Color| format!(":root {{ --accent: {color}; --on-accent: {}; }}", color.readable_on());
    let sheet =
        format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", of(accent.light), of(accent.dark));
    Some(([(CONTENT_TYPE, CSS), (CACHE_CONTROL, FOR_EVER)], sheet).into_response())
}

/// `GET /assets/logos/…`.
pub(crate) async fn logo(
    Shared(state): Shared<Arc<State>>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let kind = match LogoKind::of(&name).ok_or(Fault::NotFound)? {
        LogoKind::Jpeg => "image/jpeg",
        LogoKind::Png => "image/png",
        LogoKind::Webp => "image/webp",
    };
    let picture = state.engine.logo(&name).await?.ok_or(Fault::NotFound)?;
    let fields = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, FOR_EVER),
        (CONTENT_SECURITY_POLICY, PICTURE_POLICY),
    ];
    Ok((fields, picture).into_response())
}

#[cfg(test)]
mod tests {
    use tokenry_engine::themes::{DARK_PAGE, LIGHT_PAGE};

    use super::*;

    /// Contrast is checked with these.
    #[test]
    fn pages_are_on_the_colours_that_accents_are_held_against() {
        let base = include_str!("../style/base.css");
        let backs: Vec<_> = base.lines().filter_map(|line| line.trim().strip_prefix("--back: ")).collect();
        assert_eq!(backs, [format!("{LIGHT_PAGE};"), format!("{DARK_PAGE};")]);
    }

    #[test]
    fn only_colours_have_a_style_sheet() {
        assert!(colors("accent-0b5bb5-7ab7ff.css").is_some());
        for name in [
            "accent-.css",
            "accent-0b5bb5.css",
            "accent-0B5BB5-7ab7ff.css",
            "accent-0b5bb5-7ab7f.css",
            "accent-0b5bb5-7ab7ff-.css",
            "accent-0b5bb5-;}a{b.css",
            "accent-0b5bb5-7ab7ff",
        ] {
            assert!(colors(name).is_none(), "{name}");
        }
    }
}
