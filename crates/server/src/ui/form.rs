//! Forms of our own pages: where they come from is asked first, then whether they were made for this very browser.
//!
//! A handler of a page asks [`signed_in`] or [`Visitor`] who is there and puts [`Visitor::csrf`] into its form; what comes
//! back it takes with [`Posted::take`] if somebody must be signed in, or [`Posted::take_before_sign_in`].

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use cookie::SameSite;
use http::header::{CONTENT_TYPE, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use tokenry_engine::mail::browser;
use tokenry_engine::session::{DEVICE_COOKIE, Device, FreshUser, LeavingUser, Purpose, SignedInUser};
use tokenry_engine::{Context, Refusal, SentForm};
use tokenry_model::User;
use tokenry_protocol::media_type::MediaType;
use tokenry_protocol::params::Params;

use super::{cookies, page};
use crate::app::{SEC_FETCH_SITE, State, peer};
use crate::body::MAX_FORM;
use crate::paths;
use crate::problem::{Failure, Fault};
use crate::words::language::prefer;

/// The hidden field.
pub(crate) const CSRF: &str = "csrf";
/// How long a page may lie open before its form is sent.
const FORM_TTL: Duration = Duration::from_secs(12 * 3_600);

/// What comes in a page's place.
pub(crate) enum Instead {
    /// An error.
    Failure(Failure),
    /// Another page.
    Response(Box<Response>),
}

impl<F: Into<Failure>> From<F> for Instead {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(failure) => failure.into_response(),
            Self::Response(response) => *response,
        }
    }
}

/// What a form is bound to: a session, or a browser in which nobody has signed in yet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Binding {
    /// A browser, by what its cookie says.
    Browser(String),
    /// A session, by its id.
    Session(String),
}

impl Binding {
    pub(crate) fn of(user: &SignedInUser) -> Self {
        Self::Session(user.session().id.to_string())
    }

    pub(crate) fn of_leaving(user: &LeavingUser) -> Self {
        Self::Session(user.session().id.to_string())
    }

    /// The value of the hidden field.
    pub(crate) fn csrf(&self, state: &State, context: &Context) -> Result<String, Fault> {
        seal(state, Purpose::Csrf, self, context)
    }
}

/// A value sealed for as long as a form.
pub(crate) fn seal(
    state: &State,
    purpose: Purpose,
    value: &impl Serialize,
    context: &Context,
) -> Result<String, Fault> {
    state.engine.seal(purpose, value, context.now.plus(FORM_TTL), context.now).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a form cannot be sealed");
        Fault::Panicked
    })
}

/// A browser by its name, whether or not anybody has signed in there, and the cookie that it gets with a page.
pub(crate) struct Stranger {
    pub(crate) binding: Binding,
    cookie: Option<String>,
}

impl Stranger {
    /// Who sent this request. The cookie lives as long as the form that comes with it.
    pub(crate) fn of(state: &State, headers: &HeaderMap, context: &Context) -> Result<Self, Fault> {
        let known = Self::known(state, headers, context);
        let binding = known.unwrap_or_else(|| Binding::Browser(state.engine.browser_id()));
        let cookie = seal(state, Purpose::PreSessionCookie, &binding, context)?;
        Ok(Self { binding, cookie: Some(cookie) })
    }

    /// The browser's name.
    pub(crate) fn browser(&self) -> &str {
        let (Binding::Browser(name) | Binding::Session(name)) = &self.binding;
        name
    }

    fn known(state: &State, headers: &HeaderMap, context: &Context) -> Option<Binding> {
        let value = cookies::value(headers, Purpose::PreSessionCookie)?;
        let binding = state.engine.unseal(Purpose::PreSessionCookie, &value, context.now)?;
        matches!(binding, Binding::Browser(_)).then_some(binding)
    }

    /// Gives the browser its cookie with the page.
    pub(crate) fn remember(&self, response: &mut Response) {
        if let Some(cookie) = &self.cookie {
            cookies::put(response, Purpose::PreSessionCookie, cookie, FORM_TTL, SameSite::Lax);
        }
    }
}

/// Who is signed in, if anybody is.
pub(crate) async fn signed_in(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<SignedInUser>, Refusal> {
    match cookies::value(headers, Purpose::SessionCookie) {
        Some(cookie) => state.engine.signed_in(&cookie, context).await,
        None => Ok(None),
    }
}

/// Who is signed in and has deleted their account, if somebody is.
pub(crate) async fn leaving(
    state: &State,
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<LeavingUser>, Refusal> {
    match cookies::value(headers, Purpose::SessionCookie) {
        Some(cookie) => state.engine.leaving_user(&cookie, context).await,
        None => Ok(None),
    }
}

/// Has the rest of a request answered in the language of whoever sent it: what the application says that waits for them weighs
/// more than what is known of `user`, and that more than what the browser says.
pub(crate) fn read_in(
    state: &State,
    head: &Parts,
    context: &mut Context,
    user: Option<&SignedInUser>,
    params: Option<&Params>,
) {
    if let Some(user) = user {
        read_by(head, context, user.user());
    }
    let sealed = |name| params.and_then(|params| params.get(name));
    let asked = match (sealed("flow"), sealed("request")) {
        (Some(flow), _) => state.engine.languages_of_flow(flow, context),
        (None, Some(request)) => state.engine.languages_of_end_session(request, context),
        (None, None) => return,
    };
    prefer(&head.extensions, context, asked.iter().map(String::as_str));
}

/// Has the rest of a request answered in the language of whose account it is.
pub(crate) fn read_by(head: &Parts, context: &mut Context, user: &User) {
    prefer(&head.extensions, context, user.locale());
}

/// Somebody who is signed in and looks at a page; whoever is not is asked to sign in.
pub(crate) struct Visitor {
    pub(crate) user: SignedInUser,
    pub(crate) context: Context,
}

impl Visitor {
    /// The value of the hidden field of the page's forms.
    pub(crate) fn csrf(&self, state: &State) -> Result<String, Fault> {
        Binding::of(&self.user).csrf(state, &self.context)
    }
}

impl FromRequestParts<Arc<State>> for Visitor {
    type Rejection = Instead;

    async fn from_request_parts(head: &mut Parts, state: &Arc<State>) -> Result<Self, Instead> {
        let mut context = state.context(head);
        match signed_in(state, &head.headers, &context).await? {
            Some(user) => {
                read_in(state, head, &mut context, Some(&user), None);
                Ok(Self { user, context })
            }
            None => Err(to_sign_in(state, head, None, &context).await?),
        }
    }
}

/// Whoever is signed in as one who may do what matters; whose proof is too old signs in again and comes back to `page`.
pub(crate) fn must_be_fresh(
    user: &SignedInUser,
    context: &Context,
    page: &'static str,
) -> Result<FreshUser, Instead> {
    let again = || page::see_other(&format!("{}?next={page}", paths::LOGIN));
    user.fresh(context.now).ok_or_else(|| Instead::Response(Box::new(again())))
}

/// To the sign-in page, and from there on with the pending request, or back to here. A cookie that opens nothing is taken
/// back. Whoever has deleted their account goes to the one page that they have.
async fn to_sign_in(
    state: &State,
    head: &Parts,
    flow: Option<&str>,
    context: &Context,
) -> Result<Instead, Refusal> {
    if leaving(state, &head.headers, context).await?.is_some() {
        return Ok(Instead::Response(Box::new(page::see_other(paths::ACCOUNT_LEAVING))));
    }
    let mut response = page::see_other(&match (flow, paths::own_page(head.uri.path())) {
        (Some(flow), _) => {
            let flow: String = url::form_urlencoded::byte_serialize(flow.as_bytes()).collect();
            format!("{}?flow={flow}", paths::LOGIN)
        }
        (None, Some(next)) => format!("{}?next={next}", paths::LOGIN),
        (None, None) => paths::LOGIN.to_owned(),
    });
    if cookies::is_there(&head.headers, Purpose::SessionCookie) {
        cookies::take_back(&mut response, Purpose::SessionCookie);
    }
    Ok(Instead::Response(Box::new(response)))
}

/// A form that came from one of our pages, out of the browser that the page was made for.
pub(crate) struct Posted {
    pub(crate) params: Params,
    pub(crate) context: Context,
    pub(crate) head: Parts,
}

impl Posted {
    /// A form of somebody who is signed in.
    pub(crate) async fn take(state: &State, request: Request) -> Result<(SignedInUser, Self), Instead> {
        let mut posted = Self::read(state, request).await?;
        let Some(user) = signed_in(state, &posted.head.headers, &posted.context).await? else {
            let flow = posted.params.get("flow");
            return Err(to_sign_in(state, &posted.head, flow, &posted.context).await?);
        };
        read_in(state, &posted.head, &mut posted.context, Some(&user), Some(&posted.params));
        posted.must_be_of(state, &Binding::of(&user))?;
        Ok((user, posted))
    }

    /// A form of somebody who has deleted their account; `None`: it is of nobody who has.
    pub(crate) async fn take_leaving(
        state: &State,
        request: Request,
    ) -> Result<Option<(LeavingUser, Self)>, Instead> {
        let mut posted = Self::read(state, request).await?;
        let Some(user) = leaving(state, &posted.head.headers, &posted.context).await? else {
            return Ok(None);
        };
        read_by(&posted.head, &mut posted.context, user.user());
        posted.must_be_of(state, &Binding::of_leaving(&user))?;
        Ok(Some((user, posted)))
    }

    /// A form of a browser in which nobody has signed in (LOG-16).
    pub(crate) async fn take_before_sign_in(
        state: &State,
        request: Request,
    ) -> Result<(Stranger, Self), Instead> {
        let (stranger, posted) = Self::read_before_sign_in(state, request).await?;
        Ok((stranger.ok_or(Fault::ForeignForm)?, posted))
    }

    /// The same; no [`Stranger`] where the form was not made for this browser, or too long ago: nothing may be done then but
    /// to show it anew.
    pub(crate) async fn read_before_sign_in(
        state: &State,
        request: Request,
    ) -> Result<(Option<Stranger>, Self), Instead> {
        let mut posted = Self::read(state, request).await?;
        read_in(state, &posted.head, &mut posted.context, None, Some(&posted.params));
        let known = Stranger::known(state, &posted.head.headers, &posted.context);
        let binding = known.filter(|binding| posted.must_be_of(state, binding).is_ok());
        Ok((binding.map(|binding| Stranger { binding, cookie: None }), posted))
    }

    /// The form itself, of which no other has this hidden field: for what is done once, however often it is sent.
    pub(crate) fn sent(&self) -> SentForm {
        SentForm::of(self.params.get(CSRF).unwrap_or_default(), self.context.now.plus(FORM_TTL))
    }

    /// What the browser calls itself.
    pub(crate) fn user_agent(&self) -> &str {
        user_agent(&self.head.headers)
    }

    /// What the browser is known by.
    pub(crate) fn device(&self, state: &State) -> Device {
        state.engine.device(cookies::named(&self.head.headers, DEVICE_COOKIE).as_deref())
    }

    async fn read(state: &State, request: Request) -> Result<Self, Instead> {
        let (head, body) = request.into_parts();
        if !is_ours(&head.headers, state.engine.issuer()) {
            return Err(Fault::ForeignForm.into());
        }
        let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_form = MediaType::parse(content_type).is_ok_and(|it| it == MediaType::Form);
        if !is_form {
            return Err(Fault::ForeignForm.into());
        }
        let body = state.bodies.read(body, &head.headers, peer(&head), MAX_FORM).await?;
        let params = Params::from_page_form(&body).map_err(Failure::from)?;
        let context = Context { browser: browser(user_agent(&head.headers)), ..state.context(&head) };
        Ok(Self { params, context, head })
    }

    fn must_be_of(&self, state: &State, binding: &Binding) -> Result<(), Fault> {
        let csrf = self.params.get(CSRF);
        let made_for: Option<Binding> =
            csrf.and_then(|csrf| state.engine.unseal(Purpose::Csrf, csrf, self.context.now));
        if made_for.as_ref() == Some(binding) { Ok(()) } else { Err(Fault::ForeignForm) }
    }
}

/// Whether a browser says that the request comes from us. With `no-referrer`, which our pages say, `Origin` is `null` also
/// where it does, so the newer field is asked first, and the other one only without it (SES-16). A request with neither is
/// of a browser that has neither; the hidden field decides.
pub(crate) fn is_ours(headers: &HeaderMap, issuer: &str) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    if let Some(site) = sites.next() {
        return sites.next().is_none() && (site == "same-origin" || site == "none");
    }
    origin_is_ours(headers, issuer)
}

/// Whether every `Origin` that a request says it has is ours.
pub(crate) fn origin_is_ours(headers: &HeaderMap, issuer: &str) -> bool {
    let ours = url::Url::parse(issuer).map(|issuer| issuer.origin().ascii_serialization());
    let mut origins = headers.get_all(ORIGIN).iter();
    origins.all(|origin| ours.as_ref().is_ok_and(|ours| origin == ours.as_str()))
}

/// What a browser calls itself.
pub(crate) fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing(&[], true)]
    #[case::same_origin(&[("sec-fetch-site", "same-origin"), ("origin", "null")], true)]
    #[case::typed(&[("sec-fetch-site", "none")], true)]
    #[case::same_site(&[("sec-fetch-site", "same-site")], false)]
    #[case::cross_site(&[("sec-fetch-site", "cross-site")], false)]
    #[case::cross_site_that_claims_our_origin(&[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")], false)]
    #[case::two_of_them(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false)]
    #[case::nonsense(&[("sec-fetch-site", "")], false)]
    #[case::our_origin(&[("origin", "https://id.example")], true)]
    #[case::opaque(&[("origin", "null")], false)]
    #[case::foreign(&[("origin", "https://evil.example")], false)]
    #[case::http_twin(&[("origin", "http://id.example")], false)]
    #[case::other_port(&[("origin", "https://id.example:8443")], false)]
    #[case::two_origins(&[("origin", "https://id.example"), ("origin", "https://evil.example")], false)]
    fn ses_16_a_form_comes_from_us(#[case] fields: &[(&'static str, &'static str)], #[case] ours: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        assert_eq!(is_ours(&headers, "https://id.example/"), ours);
    }
}
