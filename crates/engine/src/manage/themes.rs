//! Themes: how the pages look, checked so that everybody can still read and find what is to be pressed.

use imagesize::ImageType;
use tokenry_jose::{base64url, sha256};
use tokenry_model::{Accent, ClientId, Color, Event, Record, Subject, Theme};
use tokenry_store::{ThemeChange, ThemeOf};

use super::Manager;
use super::error::Error;
use super::text::{check_name, composed};
use crate::themes::{DARK_PAGE, LIGHT_PAGE, LogoKind};

/// The largest logo, in bytes: each page of a stranger loads it.
const MAX_LOGO: usize = 128 * 1_024;
/// The longest side of a logo, in pixels: a small file can be a picture that fills a browser's memory.
const MAX_SIDE: usize = 2_048;
/// How well something that is to be pressed must be told from what is round it (WCAG 2.2, 1.4.11).
const LEAST_CONTRAST: f32 = 3.0;

/// What of a theme is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SetTheme {
    /// Whose pages they are, in the place of "Tokenry".
    pub name: Option<String>,
    /// The colour of what people are to press, `#rrggbb`.
    pub accent: Option<String>,
    /// The same where pages are dark; `None` beside an `accent`: that.
    pub accent_dark: Option<String>,
    /// A picture: PNG, JPEG or WebP.
    pub logo: Option<Vec<u8>>,
}

impl Manager {
    /// Makes or changes how pages look: those of sign-ins to `client`, or all others. Says how they look then.
    ///
    /// # Errors
    /// When there is no such client, a colour could not be told from a page, or a value cannot be taken.
    pub async fn set_theme(&self, client: Option<&str>, set: SetTheme) -> Result<Theme, Error> {
        let of = self.theme_of(client).await?;
        if let Some(name) = &set.name {
            check_name("name", name)?;
        }
        let change = ThemeChange {
            name: set.name.as_deref().map(composed),
            accent: accent(set.accent.as_deref(), set.accent_dark.as_deref())?,
            logo: set.logo.map(logo).transpose()?,
        };
        let now = self.clock.now();
        let mut record = self.of_theme(&of, Event::ThemeUpdated);
        if let Some(name) = &change.name {
            record = record.with("name", name.as_str());
        }
        if let Some(Accent { light, dark }) = change.accent {
            record = record.with("accent", light.to_string()).with("accent_dark", dark.to_string());
        }
        if let Some((name, _picture)) = &change.logo {
            record = record.with("logo", name.as_str());
        }
        let changed = self.store.put_theme(&of, &change, now, &[record]).await;
        changed.map_err(|error| Error::from_store(error, "client", client.unwrap_or_default()))?;
        self.theme(client).await
    }

    /// What a theme says: of sign-ins to `client`, or the server's.
    ///
    /// # Errors
    /// When there is no such client, or it has no theme of its own.
    pub async fn theme(&self, client: Option<&str>) -> Result<Theme, Error> {
        let of = self.theme_of(client).await?;
        let mut themes = self.themes().await?.into_iter();
        let found = themes.find_map(|(whose, theme)| (whose == of).then_some(theme));
        found.ok_or_else(|| Error::not_found("theme", client.unwrap_or("server")))
    }

    /// All themes, the server's first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn themes(&self) -> Result<Vec<(ThemeOf, Theme)>, Error> {
        self.store.list_themes().await.map_err(Error::Store)
    }

    /// Removes a theme: what it said is as the server's theme has it, or as it comes.
    ///
    /// # Errors
    /// When there is no such client, or it has no theme of its own.
    pub async fn delete_theme(&self, client: Option<&str>) -> Result<(), Error> {
        let of = self.theme_of(client).await?;
        let record = self.of_theme(&of, Event::ThemeRemoved);
        match self.store.delete_theme(&of, self.clock.now(), &[record]).await.map_err(Error::Store)? {
            true => Ok(()),
            false => Err(Error::not_found("theme", client.unwrap_or("server"))),
        }
    }

    async fn theme_of(&self, client: Option<&str>) -> Result<ThemeOf, Error> {
        match client {
            Some(client) => Ok(ThemeOf::Client(self.client(client).await?.id)),
            None => Ok(ThemeOf::Server),
        }
    }

    fn of_theme(&self, of: &ThemeOf, event: Event) -> Record {
        let subject = match of {
            ThemeOf::Client(client) => Some(Subject::Client(ClientId::clone(client))),
            ThemeOf::Server => None,
        };
        Record::new(self.clock.now(), event, self.actor.clone(), subject)
    }
}

fn accent(light: Option<&str>, dark: Option<&str>) -> Result<Option<Accent>, Error> {
    let Some(text) = light else {
        return match dark {
            Some(_) => Err(Error::invalid("accent-dark", "it goes with --accent, the colour on light pages")),
            None => Ok(None),
        };
    };
    let light = color("accent", text)?;
    must_stand_out("accent", light, "light", LIGHT_PAGE)?;
    match dark {
        Some(text) => {
            let dark = color("accent-dark", text)?;
            must_stand_out("accent-dark", dark, "dark", DARK_PAGE)?;
            Ok(Some(Accent { light, dark }))
        }
        None => {
            must_stand_out("accent", light, "dark", DARK_PAGE).map_err(|error| match error {
                Error::Invalid { field, problem } => Error::Invalid {
                    field,
                    problem: format!("{problem}; name a lighter one for them with --accent-dark"),
                },
                other => other,
            })?;
            Ok(Some(Accent { light, dark: light }))
        }
    }
}

fn color(field: &'static str, text: &str) -> Result<Color, Error> {
    Color::parse(text).map_err(|error| Error::invalid(field, error.to_string()))
}

fn must_stand_out(field: &'static str, color: Color, pages: &str, page: Color) -> Result<(), Error> {
    let contrast = color.contrast(page);
    if contrast >= LEAST_CONTRAST {
        return Ok(());
    }
    // Never rounded up to what would do.
    let contrast = (contrast * 10.0).floor() / 10.0;
    let problem = format!(
        "{color} has a contrast of {contrast:.1} to 1 with {pages} pages, and needs {LEAST_CONTRAST:.0} to 1"
    );
    Err(Error::invalid(field, problem))
}

/// A picture under its name.
fn logo(picture: Vec<u8>) -> Result<(String, Vec<u8>), Error> {
    let invalid = |problem: String| Error::invalid("logo", problem);
    if picture.len() > MAX_LOGO {
        return Err(invalid(format!("it must be at most {} KiB", MAX_LOGO / 1_024)));
    }
    let kind = match imagesize::image_type(&picture) {
        Ok(ImageType::Jpeg) => LogoKind::Jpeg,
        Ok(ImageType::Png) => LogoKind::Png,
        Ok(ImageType::Webp) => LogoKind::Webp,
        _ => return Err(invalid("it must be a PNG, JPEG or WebP picture".to_owned())),
    };
    let size = imagesize::blob_size(&picture)
        .map_err(|_unreadable| invalid("its size cannot be read".to_owned()))?;
    if size.width.max(size.height) > MAX_SIDE || size.width.min(size.height) == 0 {
        return Err(invalid(format!("it must be at most {MAX_SIDE} pixels wide and high")));
    }
    let name = format!("{}.{}", base64url::encode(&sha256(&picture)[..15]), kind.as_str());
    Ok((name, picture))
}
