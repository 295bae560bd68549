//! The timesheets: a list, a form for a new one, and a button to approve for who may.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;
use web_app::{NewTimesheet, Page, Problem, Timesheet};

use crate::App;
use crate::session::{SignedIn, Visitor};

/// Nobody is signed in.
#[derive(Template)]
#[template(path = "signed-out.html")]
struct SignedOut;

#[derive(Template)]
#[template(path = "timesheets.html")]
struct Timesheets<'a> {
    name: &'a str,
    sheets: &'a [Timesheet],
    may_create: bool,
    may_approve: bool,
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
    session: Session,
) -> Result<Response, Problem> {
    let Some(mut user) = visitor else { return Ok(Page(SignedOut).into_response()) };
    let whoami = match app.api.whoami(&user.tokens.access_token).await {
        // Signed out everywhere, perhaps: whoever can renew nothing is signed out here, too.
        Err(error) if error.is_about_the_token() => {
            let Some(renewed) = user.renew(&session, &app).await? else {
                return Ok(Page(SignedOut).into_response());
            };
            user = renewed;
            app.api.whoami(&user.tokens.access_token).await?
        }
        answer => answer?,
    };
    let sheets = app.api.list(&user.tokens.access_token).await?;
    let page = Timesheets {
        name: &user.name,
        sheets: &sheets,
        may_create: whoami.may("create:timesheets"),
        may_approve: whoami.may("approve:timesheets"),
    };
    Ok(Page(page).into_response())
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Form(sheet): Form<NewTimesheet>,
) -> Result<Redirect, Problem> {
    let access_token = &user.tokens.access_token;
    let whoami = app.api.whoami(access_token).await?;
    app.api.create(access_token, &whoami.company, &sheet).await?;
    Ok(Redirect::to("/"))
}

pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    app.api.approve(&user.tokens.access_token, &id).await?;
    Ok(Redirect::to("/"))
}
