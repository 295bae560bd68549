//! The API: every route with its policy, and what it does.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};
use tokenry_guard::{
    Caller, Clock, Company, CompanyFilter, Denied, Guard, Problem, Public, Requirement, Secret, scopes,
    tenant_path,
};
use tower::ServiceBuilder;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::body::JsonBody;
use crate::problem;
use crate::storage::{Creation, Storage};
use crate::timesheet::{ImportedTimesheet, NewTimesheet, Timesheet};

const MAX_SHEET: usize = 64 * 1024;
const MAX_IMPORT: usize = 1024 * 1024;

scopes! {
    /// Approving a timesheet for payment.
    pub(crate) Approve = "approve:timesheets";
    /// Uploading timesheets, by employees and by the cron job.
    pub(crate) Create = "create:timesheets";
    /// Deleting a timesheet, approved or not.
    pub(crate) Delete = "delete:timesheets";
    /// Reading all timesheets of one's company.
    pub(crate) Read = "read:timesheets";
}

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) storage: Storage,
}

/// The whole API. Without a policy a route does not compile.
pub(crate) fn router(guard: &Guard, api: Api) -> Router {
    // Timesheets are nobody's but the caller's: no cache may keep them, no browser guess at them.
    let no_store =
        SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let no_sniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    guard
        .router()
        .route("/healthz", get(healthz), Public)
        .route("/whoami", get(whoami), Read)
        .route("/timesheets", get(list), Read)
        .route(
            "/companies/{company_id}/timesheets",
            get(list_of_company),
            Read.and(tenant_path("company_id")),
        )
        .route("/companies/{company_id}/timesheets", post(create), Create.and(tenant_path("company_id")))
        .route("/timesheets/{id}", get(show), Read)
        .route("/timesheets/{id}", delete(remove), Delete)
        .route("/timesheets/{id}/approve", post(approve), Approve)
        .route("/import", post(import), Create.accept(Secret))
        .with_state(api)
        .layer(ServiceBuilder::new().layer(no_sniff).layer(no_store))
        .build()
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// Who the API thinks you are; looks at nothing but the credential.
async fn whoami(caller: Caller<Read>) -> Response {
    let principal = caller.principal();
    let scopes = caller.scopes().iter().map(|scope| scope.as_str()).collect();
    let answer = Whoami {
        client_id: caller.client_id(),
        company: caller.company(),
        corporation: caller.corporation(),
        credential: caller.credential().as_str(),
        principal: Who { id: principal.id(), kind: principal.kind() },
        scopes,
    };
    Json(answer).into_response()
}

#[derive(Serialize)]
struct Whoami<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    company: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corporation: Option<&'a str>,
    credential: &'static str,
    principal: Who<'a>,
    scopes: Vec<&'a str>,
}

#[derive(Serialize)]
struct Who<'a> {
    id: &'a str,
    kind: &'static str,
}

/// All timesheets that the caller may see. The companies come from the guard, never from the request.
async fn list(caller: Caller<Read>, State(api): State<Api>) -> Result<Json<Vec<Timesheet>>, Problem> {
    let companies = match caller.company_filter()? {
        CompanyFilter::Corporation(_) => {
            // Too many companies to list: ask about those that have timesheets instead.
            let companies = api.storage.companies().await.map_err(|error| problem::storage(&error))?;
            companies.into_iter().filter(|company| caller.may_act_for(company)).collect()
        }
        CompanyFilter::Many(companies) => companies.to_vec(),
        CompanyFilter::One(company) => vec![company],
    };
    list_of(&api, companies).await
}

async fn list_of_company(
    _caller: Caller<Read>,
    company: Company,
    State(api): State<Api>,
) -> Result<Json<Vec<Timesheet>>, Problem> {
    list_of(&api, vec![company.as_str().to_owned()]).await
}

async fn list_of(api: &Api, companies: Vec<String>) -> Result<Json<Vec<Timesheet>>, Problem> {
    api.storage.list(companies).await.map(Json).map_err(|error| problem::storage(&error))
}

async fn create(
    _caller: Caller<Create>,
    company: Company,
    State(api): State<Api>,
    JsonBody(body): JsonBody<MAX_SHEET>,
) -> Result<Response, Problem> {
    let sheet = NewTimesheet::from_json(&body)?;
    let creation = api.storage.create(company.as_str().to_owned(), sheet).await;
    match creation.map_err(|error| problem::storage(&error))? {
        Creation::Created(sheet) => {
            let location = [(header::LOCATION, format!("/timesheets/{}", sheet.id))];
            Ok((StatusCode::CREATED, location, Json(sheet)).into_response())
        }
        Creation::Existed(id) => Err(problem::timesheet_exists(&id)),
    }
}

async fn show(
    caller: Caller<Read>,
    sheet: SheetId,
    State(api): State<Api>,
) -> Result<Json<Timesheet>, Problem> {
    find(&api, &caller.into_any(), sheet).await.map(Json)
}

async fn remove(
    caller: Caller<Delete>,
    sheet: SheetId,
    State(api): State<Api>,
) -> Result<StatusCode, Problem> {
    let sheet = find(&api, &caller.into_any(), sheet).await?;
    let deleted = api.storage.delete(sheet.id, sheet.company_id).await;
    match deleted.map_err(|error| problem::storage(&error))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Denied::not_found().into()),
    }
}

/// Approves; again changes nothing.
async fn approve(
    caller: Caller<Approve>,
    sheet: SheetId,
    State(api): State<Api>,
) -> Result<Json<Timesheet>, Problem> {
    let sheet = find(&api, &caller.into_any(), sheet).await?;
    let approved = api.storage.approve(sheet.id, sheet.company_id, api.clock.now()).await;
    let sheet = approved.map_err(|error| problem::storage(&error))?;
    Ok(Json(sheet.ok_or_else(Denied::not_found)?))
}

/// Takes many timesheets at once, all or none; those that exist are left as they are.
async fn import(
    caller: Caller<Create>,
    State(api): State<Api>,
    JsonBody(body): JsonBody<MAX_IMPORT>,
) -> Result<Json<Value>, Problem> {
    let own = caller.company().unwrap_or_default().to_owned();
    let mut sheets = Vec::new();
    for ImportedTimesheet { company_id, sheet } in ImportedTimesheet::list_from_json(&body)? {
        let company_id = company_id.unwrap_or_else(|| own.clone());
        caller.require_tenant(&company_id)?;
        sheets.push((company_id, sheet));
    }
    let imported = api.storage.import(sheets).await.map_err(|error| problem::storage(&error))?;
    Ok(Json(json!({ "created": imported.created, "existing": imported.existing })))
}

/// The timesheet, if it exists and the caller may know so: both failures are the same 404.
async fn find(api: &Api, caller: &Caller, SheetId(id): SheetId) -> Result<Timesheet, Problem> {
    let sheet = api.storage.find(id).await.map_err(|error| problem::storage(&error))?;
    let sheet = sheet.ok_or_else(Denied::not_found)?;
    caller.require_company(&sheet.company_id)?;
    Ok(sheet)
}

/// The `{id}` of the path. One that is no text is as unknown as any other.
struct SheetId(String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for SheetId {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Denied> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| Denied::not_found())
    }
}
