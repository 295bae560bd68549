//! The part of a page that lists one's personal access tokens: those that work, and below them those that have ended. Developers
//! see the secret of their account below ([`super::secret_part`]).

use tokenry_clock::Timestamp;
use tokenry_engine::{IssuedPat, OwnPat, OwnPatApi, PatState, Refusal};
use tokenry_model::LastUse;
use tokenry_protocol::secret::Secret;

use super::secret_part::SecretPart;
use super::snippets::{self, Snippet};
use crate::app::State;
use crate::ui::form::Visitor;
use crate::words::Words;

/// What the part is made of.
pub(crate) struct Section {
    /// Of its headings.
    pub(crate) level: u8,
    /// Those that work.
    pub(crate) living: Vec<Row>,
    /// Those that do not any more.
    pub(crate) ended: Vec<Row>,
    /// The secret of the account; `None`: it is no developer's.
    pub(crate) secret: Option<SecretPart>,
}

/// A token.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) prefix: String,
    pub(crate) last4: String,
    pub(crate) access: Access,
    /// The company's name, where it is known.
    pub(crate) company: Option<String>,
    /// From where alone it may be used.
    pub(crate) addresses: String,
    pub(crate) made: String,
    pub(crate) used: Option<Use>,
    pub(crate) ends: Moment,
    pub(crate) state: PatState,
    /// Until when the value before works.
    pub(crate) overlaps_until: Option<String>,
    /// The value, where it has just been made.
    pub(crate) shown: Option<Shown>,
}

/// What a token is for.
pub(crate) enum Access {
    /// APIs, each with what of what its owner may do there; `None`: all.
    Chosen(Vec<(String, Option<Vec<String>>)>),
    /// All.
    Full,
}

/// When something was or will be: from now, and as an instant.
pub(crate) struct Moment {
    pub(crate) from_now: String,
    pub(crate) at: String,
    pub(crate) iso: String,
}

/// The last use of a token.
pub(crate) struct Use {
    pub(crate) at: String,
    pub(crate) address: Option<String>,
    pub(crate) client: Option<String>,
}

/// A value, and how it can be tried.
pub(crate) struct Shown {
    pub(crate) value: Secret,
    pub(crate) snippets: Vec<Snippet>,
    /// Whether they call an address that is nobody's, because no API of the token is called by one.
    pub(crate) placeholder: bool,
}

impl Moment {
    pub(crate) fn of(at: Timestamp, now: Timestamp, words: &Words) -> Self {
        Self { from_now: words.relative(at, now), at: words.at(at), iso: at.to_string() }
    }
}

impl Use {
    pub(super) fn of(last: LastUse, words: &Words) -> Self {
        Self { at: words.at(last.at), address: last.address, client: last.client }
    }
}

impl Section {
    /// The tokens of whoever is signed in, under headings of that level.
    pub(crate) async fn of(state: &State, visitor: &Visitor, level: u8) -> Result<Self, Refusal> {
        let (now, words) = (visitor.context.now, Words::to(&visitor.context));
        let user = &visitor.user.user().id;
        let pats = state.engine.pats_of(user, now).await?;
        let rows = pats.into_iter().map(|pat| Row::of(pat, now, words));
        let (living, ended) = rows.partition(|row| row.state == PatState::Works);
        let secret = state.engine.account_secret_of(user, now).await?;
        let secret = secret.map(|secret| SecretPart::of(secret, state, words));
        Ok(Self { level, living, ended, secret })
    }

    /// The same, with the value that has just been made, on a page of its own.
    pub(super) async fn with_value(
        state: &State,
        visitor: &Visitor,
        issued: IssuedPat,
    ) -> Result<Self, Refusal> {
        let mut section = Self::of(state, visitor, 2).await?;
        let IssuedPat { pat, token } = issued;
        let url = snippets::url(state, &visitor.user, &pat).await?;
        let (placeholder, snippets) = (url.is_none(), snippets::all(url.as_deref()));
        let row = section.living.iter_mut().find(|row| row.id == pat.id.as_str());
        if let Some(row) = row {
            row.shown = Some(Shown { value: token, snippets, placeholder });
        }
        Ok(section)
    }

    /// Whether a token was revoked of late.
    pub(super) fn has_revoked(&self) -> bool {
        self.ended.iter().any(|row| matches!(row.state, PatState::Revoked { .. }))
    }

    /// Whether the account's secret was revoked, and there is no other.
    pub(super) fn has_revoked_secret(&self) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.current.is_none())
    }

    pub(super) fn shows_value(&self) -> bool {
        let of_account = self.secret.as_ref().is_some_and(|secret| secret.shown.is_some());
        of_account || self.living.iter().any(|row| row.shown.is_some())
    }
}

impl Row {
    pub(super) fn of(pat: OwnPat, now: Timestamp, words: &Words) -> Self {
        let ends = match pat.state {
            PatState::Revoked { at } => at,
            PatState::Expired | PatState::Works => pat.expires_at,
        };
        Self {
            id: pat.id.to_string(),
            name: pat.name,
            note: pat.note,
            prefix: pat.prefix,
            last4: pat.last4,
            access: pat.apis.map_or(Access::Full, |apis| Access::of(&apis)),
            company: pat.company.and_then(|(_id, name)| name),
            addresses: pat.allowed_addresses.join(", "),
            made: words.at(pat.created_at),
            used: pat.last_use.map(|last| Use::of(last, words)),
            ends: Moment::of(ends, now, words),
            state: pat.state,
            overlaps_until: pat.overlaps_until.map(|until| words.at(until)),
            shown: None,
        }
    }

    /// Whether it can have another value.
    pub(crate) fn can_change(&self) -> bool {
        !matches!(self.state, PatState::Revoked { .. })
    }
}

impl Access {
    fn of(apis: &[OwnPatApi]) -> Self {
        let scopes = |api: &OwnPatApi| {
            let scope = api.scope.as_ref()?;
            Some(scope.iter().map(ToString::to_string).collect())
        };
        Self::Chosen(apis.iter().map(|api| (api.name.clone(), scopes(api))).collect())
    }
}
