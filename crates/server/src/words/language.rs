//! Which language somebody reads, decided in one place. What is first of these and a language of ours:
//!
//! 1. what the application that waits for them says, in the order in which it says it (`ui_locales`, OpenID Connect Core §3.1.2.1);
//! 2. what they, or an operator, said of them (the claim `locale`);
//! 3. what their browser says (`Accept-Language`, RFC 9110 §12.5.4);
//! 4. English.
//!
//! Of a tag only its first part counts: who reads `de-AT` reads German. What makes no sense is passed over, never an error,
//! and leaves nothing behind (HTTP-17).

use std::sync::Arc;

use http::header::ACCEPT_LANGUAGE;
use http::{Extensions, HeaderMap};
use parking_lot::Mutex;
use tokenry_engine::Context;

/// How many languages of one list are looked at.
const MOST: usize = 32;
/// Written from right to left, and long: for those who make pages. Applications and browsers say it like any other, but only
/// where the server is for one machine alone.
const PSEUDO: &str = "ar-XB";

/// A language that our pages and mails are written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    De,
    En,
    Es,
    Fr,
    /// English, made to look foreign.
    Pseudo,
}

impl Language {
    /// Those that people read.
    pub(crate) const ALL: [Self; 4] = [Self::De, Self::En, Self::Es, Self::Fr];

    /// Its BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::Pseudo => PSEUDO,
        }
    }

    /// The language of a request.
    pub(crate) fn of(context: &Context) -> Self {
        context.language.and_then(Self::named).unwrap_or(Self::En)
    }

    /// The one of ours that whoever reads `tag` can read.
    pub(crate) fn named(tag: &str) -> Option<Self> {
        if tag.eq_ignore_ascii_case(PSEUDO) {
            return Some(Self::Pseudo);
        }
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.tag()))
    }

    /// The first of ours in a list of tags, best first.
    pub(crate) fn first_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        tags.into_iter().take(MOST).find_map(Self::named)
    }

    /// The best of ours that a browser says its user reads. Of two that are as good, the first.
    pub(crate) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let lists = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let ranges = lists.flat_map(|list| list.split(',')).take(MOST);
        let known = ranges.filter_map(|range| {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight(parameter).filter(|weight| *weight > 0)?;
            Some((Self::named(tag.trim())?, weight))
        });
        let best = known.reduce(|best, other| if other.1 > best.1 { other } else { best });
        best.map(|(language, _weight)| language)
    }
}

/// `q=0.8` in thousandths (RFC 9110 §12.4.2). `None`: it is no weight.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !name.trim().eq_ignore_ascii_case("q") || !digits {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

/// The language of a request while it is answered, for those who see no more of it than its head: they may ask before it is
/// known who sent it, and once more when that is.
#[derive(Clone, Debug)]
pub(crate) struct Tongue {
    language: Arc<Mutex<Language>>,
    /// Whether the pseudo language may be had.
    for_makers: bool,
}

impl Tongue {
    /// What the browser says.
    pub(crate) fn new(headers: &HeaderMap, for_makers: bool) -> Self {
        let tongue = Self { language: Arc::new(Mutex::new(Language::En)), for_makers };
        tongue.settle(Language::accepted(headers));
        tongue
    }

    pub(crate) fn language(&self) -> Language {
        *self.language.lock()
    }

    fn settle(&self, language: Option<Language>) {
        if let Some(language) = language.filter(|it| self.for_makers || *it != Language::Pseudo) {
            *self.language.lock() = language;
        }
    }
}

/// Takes the first language of ours that is named, if one is, for the rest of the request: it weighs more than what was said
/// before.
pub(crate) fn prefer<'a>(
    extensions: &Extensions,
    context: &mut Context,
    tags: impl IntoIterator<Item = &'a str>,
) {
    if let Some(tongue) = extensions.get::<Tongue>() {
        tongue.settle(Language::first_of(tags));
        context.language = Some(tongue.language().tag());
    }
}

/// What is known of a request's language from its head, as its tag.
pub(crate) fn of_head(extensions: &Extensions) -> Option<&'static str> {
    extensions.get::<Tongue>().map(|tongue| tongue.language().tag())
}

#[cfg(test)]
mod tests;
