//! What people read, in the language that they read.
//!
//! 1. [`language`] decides, once a request, which that is.
//! 2. [`Words`] has every message of `locales/` as a function, made when this is built: a message that a language lacks, or
//!    that is told something else there, ends the build. Nothing is loaded later, and nothing kept for a request.
//! 3. Messages are text. What stands out in one (a name, an address) is an element of it: the message comes in pieces, and
//!    the template puts the value between them, escaped like any other.

mod bounds;
#[expect(
    clippy::derivable_impls,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a machine wrote it; `tests` looks for messages that nobody needs"
)]
mod catalogue;
pub(crate) mod dates;
pub(crate) mod language;
mod pseudo;

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use tokenry_engine::{Context, ScopeText};

use self::catalogue::{L10n, L10nLanguage};
use self::language::Language;

/// The words of one language. Each message is a function of it.
pub(crate) struct Words {
    messages: L10nLanguage,
    language: Language,
}

static DE: LazyLock<Words> = LazyLock::new(|| Words::load(Language::De, L10n::De));
static EN: LazyLock<Words> = LazyLock::new(|| Words::load(Language::En, L10n::En));
static ES: LazyLock<Words> = LazyLock::new(|| Words::load(Language::Es, L10n::Es));
static FR: LazyLock<Words> = LazyLock::new(|| Words::load(Language::Fr, L10n::Fr));
static PSEUDO: LazyLock<Words> = LazyLock::new(|| Words {
    messages: pseudo::messages(catalogue::source(L10n::En)),
    language: Language::Pseudo,
});

impl Words {
    fn load(language: Language, messages: L10n) -> Self {
        Self { messages: messages.load(), language }
    }

    /// The words of `language`.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::De => &DE,
            Language::En => &EN,
            Language::Es => &ES,
            Language::Fr => &FR,
            Language::Pseudo => &PSEUDO,
        }
    }

    /// Those for whoever sent the request.
    pub(crate) fn to(context: &Context) -> &'static Self {
        Self::of(Language::of(context))
    }

    /// The language, as `lang` and `Content-Language` name it.
    pub(crate) const fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// Whether it is the language that everything else is written in.
    pub(crate) const fn is_english(&self) -> bool {
        matches!(self.language, Language::En)
    }

    /// Which way it is written, for `dir`.
    pub(crate) const fn dir(&self) -> &'static str {
        match self.language {
            Language::Pseudo => "rtl",
            Language::De | Language::En | Language::Es | Language::Fr => "ltr",
        }
    }

    /// A browser by the name that the engine has for it: "Firefox on Linux".
    pub(crate) fn browser(&self, name: &str) -> String {
        match name.split_once(" on ") {
            Some((browser, system)) => self.browser_on(browser, system),
            None => name.to_owned(),
        }
    }

    /// What a scope of OpenID Connect means (Core §5.4, §11); another is called what its operator calls it.
    pub(crate) fn scope(&self, scope: &ScopeText) -> String {
        match scope.token.as_str() {
            "address" => self.scope_address(),
            "email" => self.scope_email(),
            "offline_access" => self.scope_offline_access(),
            "openid" => self.scope_openid(),
            "phone" => self.scope_phone(),
            "profile" => self.scope_profile(),
            _ => scope.text.clone(),
        }
    }
}

impl Deref for Words {
    type Target = L10nLanguage;

    fn deref(&self) -> &L10nLanguage {
        &self.messages
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

#[cfg(test)]
mod tests;
