//! Where a sign-in leads: on with a pending authorization request, or to a page of ours, never to what a query names
//! (OUT-08).

use axum::response::Response;
use tokenry_engine::{AwaitedSignIn, Context};
use tokenry_protocol::params::Params;

use crate::app::State;
use crate::paths;
use crate::problem::Failure;
use crate::ui::page::leading_to;
use crate::ui::theme::Look;

/// Where a sign-in leads.
pub(super) enum Aim {
    /// On with a request that an application made.
    Flow {
        /// It, sealed.
        flow: String,
        /// What our pages say of it.
        awaited: AwaitedSignIn,
    },
    /// To the account: nothing was said.
    Open,
    /// To a page of ours.
    Page(&'static str),
}

impl Aim {
    /// What a query or a form says.
    ///
    /// # Errors
    /// When it names a pending request that has ended, or is none of ours: nobody signs in for nothing.
    pub(super) fn of(state: &State, params: &Params, context: &Context) -> Result<Self, Failure> {
        if let Some(flow) = params.get("flow") {
            let awaited = state.engine.awaited_sign_in(flow, context).map_err(|refusal| refusal.error)?;
            return Ok(Self::Flow { flow: flow.to_owned(), awaited });
        }
        Ok(params.get("next").and_then(paths::own_page).map_or(Self::Open, Self::Page))
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// The application that is waiting; empty where none is.
    pub(super) fn app(&self) -> &str {
        self.awaited().map_or("", |awaited| awaited.app.as_str())
    }

    /// Whether the application wants its user to say which account it is, whoever is signed in.
    pub(super) fn chooses_account(&self) -> bool {
        self.awaited().is_some_and(|awaited| awaited.chooses_account)
    }

    /// Who will probably sign in, as the application says.
    pub(super) fn login_hint(&self) -> Option<&str> {
        self.awaited()?.login_hint.as_deref()
    }

    /// How the pages of the sign-in look.
    pub(super) fn look(&self, state: &State) -> Look {
        self.awaited().map_or_else(|| state.look(), |awaited| awaited.theme.clone().into())
    }

    const fn awaited(&self) -> Option<&AwaitedSignIn> {
        match self {
            Self::Flow { awaited, .. } => Some(awaited),
            Self::Open | Self::Page(_) => None,
        }
    }

    /// For the hidden field.
    pub(super) fn flow(&self) -> &str {
        match self {
            Self::Flow { flow, .. } => flow,
            Self::Open | Self::Page(_) => "",
        }
    }

    /// For the hidden field.
    pub(super) const fn next(&self) -> &'static str {
        match self {
            Self::Page(page) => page,
            Self::Flow { .. } | Self::Open => "",
        }
    }

    /// Where a browser goes once its user has signed in. A sealed request is base64url, and so a query as it is.
    pub(super) fn location(&self) -> String {
        match self {
            Self::Flow { flow, .. } => format!("{}?flow={flow}", paths::CONSENT),
            Self::Open => paths::ACCOUNT.to_owned(),
            Self::Page(page) => (*page).to_owned(),
        }
    }

    /// Lets the page's form lead there: browsers hold the whole chain of redirects against its policy.
    pub(super) fn policy(&self, response: Response) -> Response {
        match self {
            Self::Flow { awaited, .. } => leading_to(response, awaited.form_target.as_deref()),
            Self::Open | Self::Page(_) => response,
        }
    }
}
