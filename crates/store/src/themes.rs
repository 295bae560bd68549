//! How the pages look: the server's theme, and those that applications have in the place of it.

use tokenry_clock::Timestamp;
use tokenry_model::{Accent, ClientId, Color, Record, Theme};

use crate::change_log::{self, Entity};
use crate::clients::CLIENT_EXISTS;
use crate::db::{Row, Tx};
use crate::decode::Reader;
use crate::error::Result;
use crate::store::must_exist;
use crate::{Store, audit, params, statements};

/// The id of the server's own theme, which no client can have.
const OF_SERVER: &str = "*";

statements! {
    pub(crate) LIST_THEMES = "SELECT id, name, accent, accent_dark, logo_name FROM themes ORDER BY id";
    pub(crate) FIND_LOGO = "SELECT logo FROM themes WHERE logo_name = $1 LIMIT 1";
    /// What is not said stays; an accent is two colours, and a logo a name and a picture.
    pub(crate) PUT_THEME =
        "INSERT INTO themes (id, name, accent, accent_dark, logo_name, logo, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
         name = COALESCE(excluded.name, themes.name), accent = COALESCE(excluded.accent, themes.accent), \
         accent_dark = COALESCE(excluded.accent_dark, themes.accent_dark), \
         logo_name = COALESCE(excluded.logo_name, themes.logo_name), \
         logo = COALESCE(excluded.logo, themes.logo), updated_at = excluded.updated_at";
    pub(crate) DELETE_THEME = "DELETE FROM themes WHERE id = $1";
}

/// Whose pages look like that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ThemeOf {
    /// Those of a sign-in to a client.
    Client(ClientId),
    /// All others, and in what a client's theme does not say.
    Server,
}

impl ThemeOf {
    fn id(&self) -> &str {
        match self {
            Self::Client(client) => client.as_str(),
            Self::Server => OF_SERVER,
        }
    }
}

/// What of a theme is to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ThemeChange {
    /// Whose pages they are.
    pub name: Option<String>,
    /// The colour of what people are to press.
    pub accent: Option<Accent>,
    /// A picture, under its name.
    pub logo: Option<(String, Vec<u8>)>,
}

impl Store {
    /// All themes, without their pictures.
    ///
    /// # Errors
    /// When the database does not answer, or a row cannot be read.
    pub async fn list_themes(&self) -> Result<Vec<(ThemeOf, Theme)>> {
        self.db.rows(LIST_THEMES, &[]).await?.iter().map(theme).collect()
    }

    /// The picture of that name.
    ///
    /// # Errors
    /// When the database does not answer, or the row cannot be read.
    pub async fn find_logo(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let row = self.db.opt(FIND_LOGO, &params![name]).await?;
        row.map(|row| Reader::new(&row, "themes").blob("logo")).transpose()
    }

    /// Makes a theme, or changes it.
    ///
    /// # Errors
    /// When there is no such client, or the database does not answer.
    pub async fn put_theme(
        &self,
        of: &ThemeOf,
        change: &ThemeChange,
        now: Timestamp,
        records: &[Record],
    ) -> Result<()> {
        let input = (of.clone(), change.clone(), now, records.to_vec());
        self.change(input, |tx, (of, change, now, records)| {
            Box::pin(async move {
                if let ThemeOf::Client(client) = of {
                    must_exist(tx, CLIENT_EXISTS, client.as_str(), Entity::Client).await?;
                }
                let (light, dark) =
                    change.accent.map(|it| (it.light.to_string(), it.dark.to_string())).unzip();
                let (logo_name, logo) = change.logo.as_ref().map(|(name, logo)| (name, logo)).unzip();
                let values = params![
                    of.id(),
                    change.name.as_deref(),
                    light,
                    dark,
                    logo_name.map(String::as_str),
                    logo.map(Vec::as_slice),
                    *now
                ];
                tx.exec(PUT_THEME, &values).await?;
                change_log::append(tx, Entity::Theme, of.id(), *now).await?;
                audit::append(tx, records).await
            })
        })
        .await
    }

    /// Removes a theme; `false` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_theme(&self, of: &ThemeOf, now: Timestamp, records: &[Record]) -> Result<bool> {
        self.change((of.clone(), now, records.to_vec()), |tx, (of, now, records)| {
            Box::pin(async move {
                let removed = remove(tx, of.id(), *now).await?;
                if removed {
                    audit::append(tx, records).await?;
                }
                Ok(removed)
            })
        })
        .await
    }
}

/// Removes the theme of a client, or the server's.
pub(crate) async fn remove(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool> {
    if tx.exec(DELETE_THEME, &params![id]).await? == 0 {
        return Ok(false);
    }
    change_log::append(tx, Entity::Theme, id, now).await?;
    Ok(true)
}

fn theme(row: &Row) -> Result<(ThemeOf, Theme)> {
    let mut read = Reader::new(row, "themes");
    let of = match read.text("id")? {
        OF_SERVER => ThemeOf::Server,
        id => ThemeOf::Client(ClientId::parse(id).map_err(|error| read.corrupt("id", error))?),
    };
    let name = read.opt_string("name")?;
    let light = read.opt_parse("accent", Color::parse)?;
    let dark = read.opt_parse("accent_dark", Color::parse)?;
    let accent = light.zip(dark).map(|(light, dark)| Accent { light, dark });
    Ok((of, Theme { name, accent, logo: read.opt_string("logo_name")? }))
}
