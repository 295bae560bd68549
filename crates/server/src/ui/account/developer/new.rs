//! `/account/developer/new`: what somebody wants of a new token is written, then shown as a whole, and then made.
//!
//! A link may fill the form in: `?name=&note=&scopes=&expires_in=`. It ticks and writes what it says, and makes nothing.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State as Shared};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use tokenry_clock::Timestamp;
use tokenry_engine::{PatError, ReachableApi, Refusal};
use tokenry_model::Company;
use tokenry_protocol::params::Params;

use super::errand::{self, Step, What};
use super::section::{Access, Moment, Section};
use super::wish::{CHOSEN, ON_A_DAY, PRESETS, Problem, Wish, day, problem};
use super::{Told, overview, refused};
use crate::app::State;
use crate::paths;
use crate::problem::{Failure, Fault};
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::outcome::Outcome;
use crate::ui::page::{page, page_told};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_developer_company.html")]
struct CompanyPage {
    words: &'static Words,
    look: Look,
    here: &'static str,
    companies: Vec<Company>,
    /// What a link has said so far.
    carried: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "account_developer_new.html")]
struct NewPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    wish: &'a Wish,
    /// For which company it is, where there is one.
    company: Option<&'a str>,
    /// A number of days, and in words until when, each.
    presets: Vec<(String, String)>,
    /// Between which days one can be chosen, and the last of them in words.
    days: (String, String, String),
    apis: &'a [ReachableApi],
    problems: &'a [Problem],
    /// Scopes of a link that there are not.
    unknown: Vec<String>,
    /// Whether it must be confirmed elsewhere who this is: the browser cannot keep what is written.
    confirm: bool,
}

#[derive(Template)]
#[template(path = "account_developer_review.html")]
struct ReviewPage<'a> {
    words: &'static Words,
    look: Look,
    here: &'static str,
    csrf: &'a str,
    wish: &'a Wish,
    company: Option<&'a str>,
    ends: Moment,
    access: Access,
    hidden: Vec<(String, String)>,
}

/// What there is to choose from.
struct Offer {
    companies: Vec<Company>,
    /// Which of them it is for.
    company: Option<Company>,
    apis: Vec<ReachableApi>,
}

impl Offer {
    async fn of(state: &State, visitor: &Visitor, wish: &Wish) -> Result<Self, Refusal> {
        let (user, now) = (&visitor.user.user().id, visitor.context.now);
        let companies = state.engine.companies_for_pats(user, now).await?;
        let named = companies.iter().find(|it| it.id.as_str() == wish.company);
        let company = named.or_else(|| companies.first().filter(|_only| companies.len() == 1)).cloned();
        let apis = match &company {
            Some(company) => state.engine.reachable_apis(user, &company.id).await?,
            None => Vec::new(),
        };
        Ok(Self { companies, company, apis })
    }

    fn must_choose(&self) -> bool {
        self.company.is_none() && !self.companies.is_empty()
    }

    fn company(&self) -> Option<&str> {
        self.company.as_ref().map(|company| company.name.as_str())
    }
}

/// `GET /account/developer/new`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (mut head, _body) = request.into_parts();
    let params = Params::from_query(head.uri.query().unwrap_or_default()).map_err(Failure::from)?;
    let visitor = match Visitor::from_request_parts(&mut head, &state).await {
        Ok(visitor) => visitor,
        Err(instead) => return Err(sign_in_first(&state, &head, &params, instead)),
    };
    let now = visitor.context.now;
    let kept = errand::kept(&state, &head.headers, &visitor.user, &visitor.context);
    let (wish, step) = match kept {
        Some(What::Make { wish, step }) if head.uri.query().is_none() => (*wish, step),
        _ => (Wish::of_link(&params, state.engine.longest_pat(), now), Step::Form),
    };
    if visitor.user.fresh(now).is_none() {
        return errand::keep(
            &state,
            Some(&visitor.user),
            What::Make { wish: wish.into(), step },
            &visitor.context,
        );
    }
    let response = match step {
        Step::Form => form(&state, &visitor, wish, Written::default()).await?,
        Step::Review => review(&state, &visitor, wish).await?,
    };
    Ok(errand::forget(&head.headers, response))
}

/// What a link has filled in is there after the sign-in.
fn sign_in_first(state: &State, head: &Parts, params: &Params, instead: Instead) -> Instead {
    let Instead::Response(mut response) = instead else { return instead };
    if head.uri.query().is_some() {
        let context = state.context(head);
        let wish = Wish::of_link(params, state.engine.longest_pat(), context.now);
        errand::put(state, None, What::Make { wish: wish.into(), step: Step::Form }, &context, &mut response);
    }
    Instead::Response(response)
}

/// `POST /account/developer/new`: shows the whole, or goes back to the form.
pub(crate) async fn write(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let visitor = Visitor { user, context: posted.context.clone() };
    let wish = Wish::of_form(&posted.params);
    match posted.params.get("step") {
        Some("edit") => form(&state, &visitor, wish, Written::default()).await,
        _ => review(&state, &visitor, wish).await,
    }
}

/// `action=create` of `POST /account/developer`.
pub(super) async fn create(state: &State, visitor: &Visitor, posted: &Posted) -> Result<Response, Instead> {
    let (wish, context) = (Wish::of_form(&posted.params), &posted.context);
    let Some(fresh) = visitor.user.fresh(context.now) else {
        return confirm_first(state, visitor, wish).await;
    };
    let problems = wish.problems(Words::to(context));
    if !problems.is_empty() {
        return form(state, visitor, wish, Written { problems, ..Written::default() }).await;
    }
    match state.engine.create_pat(&fresh, wish.new_pat(context.now), Some(posted.sent()), context).await {
        Ok(issued) => {
            let section = Section::with_value(state, visitor, issued).await?;
            overview(state, visitor, section, Told::default())
        }
        Err(error @ PatError::Invalid { .. }) => unfit(state, visitor, wish, &error).await,
        Err(error) => refused(state, visitor, error).await,
    }
}

/// The way to the sign-in, and back to the whole. What is too long for that stays where it is written.
async fn confirm_first(state: &State, visitor: &Visitor, wish: Wish) -> Result<Response, Instead> {
    let what = What::Make { wish: wish.clone().into(), step: Step::Review };
    let mut response = errand::sign_in_for(&what);
    if errand::put(state, Some(&visitor.user), what, &visitor.context, &mut response) {
        return Ok(response);
    }
    form(state, visitor, wish, Written { confirm: true, ..Written::default() }).await
}

/// What there is to say of what was written.
#[derive(Default)]
struct Written {
    problems: Vec<Problem>,
    confirm: bool,
}

async fn unfit(state: &State, visitor: &Visitor, wish: Wish, error: &PatError) -> Result<Response, Instead> {
    let words = Words::to(&visitor.context);
    let latest = words.at(visitor.context.now.plus(state.engine.longest_pat()));
    let Some(problem) = problem(error, &latest, words) else { return Err(Fault::ForeignForm.into()) };
    form(state, visitor, wish, Written { problems: vec![problem], ..Written::default() }).await
}

async fn form(
    state: &State,
    visitor: &Visitor,
    mut wish: Wish,
    written: Written,
) -> Result<Response, Instead> {
    let (now, words) = (visitor.context.now, Words::to(&visitor.context));
    let offer = Offer::of(state, visitor, &wish).await?;
    if offer.must_choose() {
        return Ok(choice(state, (now, words), &wish, offer)?);
    }
    let unknown = wish.tick(&offer.apis);
    if let Some(company) = &offer.company {
        wish.company = company.id.to_string();
    }
    let (longest, csrf) = (state.engine.longest_pat(), visitor.csrf(state)?);
    let latest = now.plus(longest);
    let until = |days: u64| words.at(now.plus(Duration::from_secs(days * 86_400)));
    let offered = PRESETS.into_iter().filter(|days| days * 86_400 <= longest.as_secs());
    let page = NewPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        csrf: &csrf,
        company: offer.company(),
        presets: offered
            .map(|days| (days.to_string(), words.developer_days_until(days, until(days))))
            .collect(),
        days: (day(now), day(latest), words.at(latest)),
        apis: &offer.apis,
        problems: &written.problems,
        unknown,
        confirm: written.confirm,
        wish: &wish,
    };
    let status = if written.confirm { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
    let wrong = written.confirm || !written.problems.is_empty();
    let outcome = wrong.then(|| Outcome::said(status, String::new()));
    Ok(page_told(&page, outcome.as_ref())?)
}

/// For which company, where there are several.
fn choice(
    state: &State,
    (now, words): (Timestamp, &'static Words),
    wish: &Wish,
    offer: Offer,
) -> Result<Response, crate::problem::Fault> {
    let expires_in = wish.seconds(state.engine.longest_pat(), now);
    let carried = [
        ("name", wish.name.clone()),
        ("note", wish.note.clone()),
        ("scopes", wish.prefilled.join(" ")),
        ("expires_in", expires_in.map_or_else(String::new, |seconds| seconds.to_string())),
    ];
    page(&CompanyPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        companies: offer.companies,
        carried: carried.into_iter().filter(|(_name, value)| !value.is_empty()).collect(),
    })
}

async fn review(state: &State, visitor: &Visitor, wish: Wish) -> Result<Response, Instead> {
    let (now, words) = (visitor.context.now, Words::to(&visitor.context));
    let mut problems = wish.problems(words);
    let mut new = wish.new_pat(now);
    // What the page says in its own words is not said again.
    if problems.iter().any(|it| it.field == "addresses") {
        new.allowed_addresses.clear();
    }
    match state.engine.weigh_pat(&visitor.user.user().id, &new, now).await {
        Ok(()) => {}
        Err(PatError::Store(error)) => return Err(Refusal::from(error).into()),
        Err(error) => {
            let latest = words.at(now.plus(state.engine.longest_pat()));
            let more = problem(&error, &latest, words);
            problems.extend(more.filter(|it| problems.iter().all(|known| known.field != it.field)));
        }
    }
    let offer = Offer::of(state, visitor, &wish).await?;
    let (Some(ends), true, false) = (wish.ends_at(now), problems.is_empty(), offer.must_choose()) else {
        return form(state, visitor, wish, Written { problems, ..Written::default() }).await;
    };
    Ok(page(&ReviewPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_DEVELOPER,
        csrf: &visitor.csrf(state)?,
        company: offer.company(),
        ends: Moment::of(ends, now, words),
        access: wish.access(&offer.apis),
        hidden: wish.fields(),
        wish: &wish,
    })?)
}

impl NewPage<'_> {
    fn is_wrong(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }

    fn is_chosen(&self) -> bool {
        self.wish.access == CHOSEN
    }

    fn on_a_day(&self) -> bool {
        self.wish.expires == ON_A_DAY
    }

    fn has_all_of(&self, api: &ReachableApi) -> bool {
        self.wish.apis.contains(&api.audience)
    }

    fn has(&self, api: &ReachableApi, scope: &str) -> bool {
        self.wish.scopes.iter().any(|it| it.rsplit_once(' ') == Some((api.audience.as_str(), scope)))
    }
}
