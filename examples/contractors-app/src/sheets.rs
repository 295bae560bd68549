//! The timesheets: a list, and a form for a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;
use web_app::{NewTimesheet, Page, Problem, Timesheet};

use crate::App;
use crate::session::{self, Connection};

/// Nobody has let us do anything.
#[derive(Template)]
#[template(path = "disconnected.html")]
struct Disconnected;

#[derive(Template)]
#[template(path = "timesheets.html")]
struct Timesheets<'a> {
    sheets: &'a [Timesheet],
    may_create: bool,
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Connection(connection): Connection,
    session: Session,
) -> Result<Response, Problem> {
    let Some(mut tokens) = connection else { return Ok(Page(Disconnected).into_response()) };
    let whoami = match app.api.whoami(&tokens.access_token).await {
        // Taken back, perhaps: whoever can renew nothing is disconnected.
        Err(error) if error.is_about_the_token() => {
            let Some(renewed) = session::renew(&session, &app, tokens).await? else {
                return Ok(Page(Disconnected).into_response());
            };
            tokens = renewed;
            app.api.whoami(&tokens.access_token).await?
        }
        answer => answer?,
    };
    let sheets = app.api.list(&tokens.access_token).await?;
    let page = Timesheets { sheets: &sheets, may_create: whoami.may("create:timesheets") };
    Ok(Page(page).into_response())
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Connection(connection): Connection,
    Form(sheet): Form<NewTimesheet>,
) -> Result<Redirect, Problem> {
    let tokens = connection.ok_or_else(Problem::signed_out)?;
    let whoami = app.api.whoami(&tokens.access_token).await?;
    app.api.create(&tokens.access_token, &whoami.company, &sheet).await?;
    Ok(Redirect::to("/"))
}
