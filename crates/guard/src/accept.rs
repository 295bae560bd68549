//! Which kinds of credential an API takes: some at every route, one only where a route says so.

use tokenry_protocol::introspection::Credential as Own;

/// A kind of credential that an API may take at every route that asks for a caller. Made by [`Bearer`] and [`Cookie`];
/// see [`GuardBuilder::accept`](crate::GuardBuilder::accept).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accept(Credential);

/// What comes as `Authorization: Bearer …`. Makes an [`Accept`]; there are no values of it.
#[derive(Clone, Copy, Debug)]
pub enum Bearer {}

impl Bearer {
    /// Signed access tokens (RFC 9068), which the guard verifies itself.
    #[must_use]
    pub const fn jwt() -> Accept {
        Accept(Credential::Jwt)
    }

    /// Opaque access tokens, 43 characters of base62, about which the guard asks the first issuer (RFC 7662).
    #[must_use]
    pub const fn opaque() -> Accept {
        Accept(Credential::Opaque)
    }

    /// Personal access tokens, with which users act for themselves, `tokenry_pat_…`; the guard asks the first issuer about
    /// them. One whose checksum is wrong, or of another [brand](crate::GuardBuilder::brand), is refused without asking.
    #[must_use]
    pub const fn pat() -> Accept {
        Accept(Credential::Pat)
    }
}

/// What comes in a cookie. Makes an [`Accept`]; there are no values of it.
#[derive(Clone, Copy, Debug)]
pub enum Cookie {}

impl Cookie {
    /// The cookie for APIs of a browser in which somebody is signed in, about which the guard asks the first issuer. What
    /// changes something also needs the session's CSRF token in `X-CSRF-Token`, from a page of this API or of an
    /// [allowed origin](crate::GuardBuilder::allowed_origins).
    ///
    /// The other cookie, with which people use the issuer's own pages, opens nothing at any API.
    #[must_use]
    pub const fn session() -> Accept {
        Accept(Credential::Cookie)
    }
}

/// The type of [`Secret`](const@Secret), which [`Requirement::accept`](crate::Requirement::accept) takes and
/// [`GuardBuilder::accept`](crate::GuardBuilder::accept) does not.
#[derive(Clone, Copy, Debug)]
pub struct SecretScheme(());

/// A developer's account secret, sent as `Authorization: Secret …` by a program on a server: what a route takes beside
/// the rest if its policy says `.accept(Secret)`. The guard asks the first issuer about it, and refuses it from browsers.
#[expect(non_upper_case_globals, reason = "it is the name of the scheme, and of nothing else in expressions")]
pub const Secret: SecretScheme = SecretScheme(());

/// With what the caller authenticated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Credential {
    /// The cookie for APIs of a browser in which a user is signed in.
    Cookie,
    /// A signed access token, in the `Authorization` header.
    Jwt,
    /// An opaque access token, in the `Authorization` header.
    Opaque,
    /// A user's personal access token, in the `Authorization` header.
    Pat,
    /// A developer's account secret, in the `Authorization` header under the scheme `Secret`.
    Secret,
}

impl Credential {
    pub(crate) const ALL: [Self; 5] = [Self::Cookie, Self::Jwt, Self::Opaque, Self::Pat, Self::Secret];

    /// `cookie`, `jwt`, `opaque`, `pat` or `secret`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Jwt => "jwt",
            Self::Opaque => "opaque",
            Self::Pat => "pat",
            Self::Secret => "secret",
        }
    }

    /// What the issuer calls it, if it is a user's own: one by which no client acts.
    pub(crate) const fn own(self) -> Option<Own> {
        match self {
            Self::Cookie => Some(Own::Session),
            Self::Jwt | Self::Opaque => None,
            Self::Pat => Some(Own::PersonalAccessToken),
            Self::Secret => Some(Own::AccountSecret),
        }
    }

    pub(crate) const fn is_users_own(self) -> bool {
        self.own().is_some()
    }
}

/// The kinds that are taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Accepted {
    pub(crate) cookie: bool,
    pub(crate) jwt: bool,
    pub(crate) opaque: bool,
    pub(crate) pat: bool,
    /// At one route, never at all of them.
    pub(crate) secret: bool,
}

impl Accepted {
    /// At a route that takes, or does not take, secrets.
    pub(crate) const fn and_secret(self, secret: bool) -> Self {
        Self { secret, ..self }
    }

    /// The kinds, in the order of their words.
    pub(crate) fn kinds(self) -> impl Iterator<Item = Credential> {
        Credential::ALL.into_iter().filter(move |kind| self.takes(*kind))
    }

    pub(crate) const fn takes(self, kind: Credential) -> bool {
        match kind {
            Credential::Cookie => self.cookie,
            Credential::Jwt => self.jwt,
            Credential::Opaque => self.opaque,
            Credential::Pat => self.pat,
            Credential::Secret => self.secret,
        }
    }
}

impl FromIterator<Accept> for Accepted {
    fn from_iter<I: IntoIterator<Item = Accept>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), |accepted, Accept(kind)| match kind {
            Credential::Cookie => Self { cookie: true, ..accepted },
            Credential::Jwt => Self { jwt: true, ..accepted },
            Credential::Opaque => Self { opaque: true, ..accepted },
            Credential::Pat => Self { pat: true, ..accepted },
            Credential::Secret => Self { secret: true, ..accepted },
        })
    }
}
