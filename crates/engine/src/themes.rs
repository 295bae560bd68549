//! The themes in use: how the pages look, held in memory, because errors are pages too and must not wait for a database.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokenry_model::{Color, Theme};
use tokenry_store::{Error as StoreError, Store, ThemeOf};

use crate::engine::Engine;
use crate::refusal::Refusal;

/// What is behind everything where pages are light; the style sheet has it too.
pub const LIGHT_PAGE: Color = Color::new(0xfd, 0xfd, 0xfc);
/// The same where they are dark.
pub const DARK_PAGE: Color = Color::new(0x14, 0x17, 0x1a);

/// What a logo is, as the end of its name says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogoKind {
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
    /// `image/webp`.
    Webp,
}

impl LogoKind {
    /// The end of its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// What the logo of that name is.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (_digest, end) = name.rsplit_once('.')?;
        [Self::Jpeg, Self::Png, Self::Webp].into_iter().find(|kind| kind.as_str() == end)
    }
}

/// The themes in use.
#[derive(Debug, Default)]
pub(crate) struct Themes(ArcSwap<Known>);

#[derive(Debug, Default)]
struct Known {
    server: Theme,
    /// By the client's id, each with what it does not say taken from the server's.
    clients: HashMap<String, Theme>,
}

impl Themes {
    /// Loads them.
    pub(crate) async fn open(store: &Store) -> Result<Self, StoreError> {
        let themes = Self::default();
        themes.reload(store).await?;
        Ok(themes)
    }

    /// Reads them anew; what was loaded stays if that fails.
    pub(crate) async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let rows = store.list_themes().await?;
        let server = rows.iter().find(|(of, _theme)| *of == ThemeOf::Server);
        let server = server.map_or_else(Theme::default, |(_of, theme)| theme.clone());
        let clients = rows.into_iter().filter_map(|(of, theme)| match of {
            ThemeOf::Client(client) => Some((client.to_string(), theme.or(&server))),
            ThemeOf::Server => None,
        });
        let clients = clients.collect();
        self.0.store(Arc::new(Known { server, clients }));
        Ok(())
    }

    fn of(&self, client: Option<&str>) -> Theme {
        let known = self.0.load();
        client.and_then(|client| known.clients.get(client)).unwrap_or(&known.server).clone()
    }
}

impl Engine {
    /// How the pages of a sign-in to `client` look, or where there is none, all others.
    #[must_use]
    pub fn theme(&self, client: Option<&str>) -> Theme {
        self.themes.of(client)
    }

    /// The picture of a theme.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logo(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(self.store.find_logo(name).await?)
    }
}
