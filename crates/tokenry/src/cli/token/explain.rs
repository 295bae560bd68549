//! `token explain`: what an API would answer to a token, check by check.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use tokenry_clock::Timestamp;
use tokenry_engine::explain::{Explainer, Explanation, Finding, Outcome, Question, Verdict};
use tokenry_model::ResourceServer;
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};

use super::policy::{HOW_TO_MAKE, PolicyTable, Request};
use super::{Input, read_token};
use crate::cli::Global;
use crate::dev;
use crate::failure::{Code, Failure, Result};
use crate::host::{Host, settings};
use crate::output::{Format, Thing, visible, write_out};

/// What people's terminals show in a line.
const WIDTH: u16 = 80;

/// What to explain.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    #[command(flatten)]
    input: Input,
    /// The API that the token is shown to: its id or audience.
    #[arg(long = "for", value_name = "API")]
    api: String,
    /// What is asked of the API, such as "POST /companies/acme/timesheets"; otherwise only the token is looked at.
    #[arg(long, value_name = "METHOD PATH")]
    route: Option<Request>,
    /// The API's policy: what its guard.policy_table() is as JSON. That of the demo is known.
    #[arg(long, value_name = "FILE", requires = "route")]
    policy: Option<PathBuf>,
    /// Judge dates and keys as of then, such as 2026-11-21T02:34:56Z; otherwise as of now. What was revoked or disabled
    /// is so either way.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Timestamp>,
}

/// Runs the command. Its exit code is 0 if the API would let the token in, and 1 if not.
pub(crate) async fn run(explain: Explain, global: &Global) -> Result {
    let host = global.host().await?;
    let api = host.manager()?.api(&explain.api).await?;
    let route = match &explain.route {
        Some(request) => Some(policy(&explain, &host, &api).await?.find(request)?),
        None => None,
    };
    let on_command_line = explain.input.jwt.as_deref().is_some_and(|text| text != "-");
    let token = Secret::new(read_token(explain.input)?);
    if token.is_empty() {
        return Err(Failure::new(Code::Usage, "there is no token on standard input"));
    }
    let settings = settings(&host.config)?;
    if on_command_line && shape(&settings.brand, token.expose()) != Shape::Foreign {
        global.say(
            "warning: this is a secret, and other users of this host could see it on the command line: replace it.",
        );
    }
    if shape(&settings.brand, token.expose()) == Shape::Branded(SecretKind::PersonalAccessToken) {
        let text = "this is a personal access token: what it opens is decided when the API asks, and is not explained here";
        return Err(Failure::new(Code::Failure, text).hint(WHO_KNOWS_A_PAT));
    }
    let explainer = Explainer { store: &host.store, data_key: &host.data_key, settings: &settings };
    let question = Question { token, api, route, at: explain.at.unwrap_or_else(|| host.clock.now()) };
    let explanation = explainer.explain(&question).await.context("the token cannot be explained")?;
    if question.route.is_none() && explanation.verdict == Verdict::Allowed {
        global.say("The token is good. Whether it suffices depends on the route: --route \"POST /timesheets\" tells.");
    }
    print(&explanation, global.output)?;
    match answer(&explanation.verdict) {
        Answer { verdict: ALLOWED, .. } => Ok(()),
        Answer { status, code, .. } => {
            Err(Failure::new(Code::Failure, format!("the API would answer {status} {code}")))
        }
    }
}

async fn policy(explain: &Explain, host: &Host, api: &ResourceServer) -> Result<PolicyTable> {
    if let Some(file) = &explain.policy {
        return PolicyTable::read(file);
    }
    let mark = host.store.find_meta(dev::DEV_MARK).await.context("the database cannot be read")?;
    if mark.is_some() && api.audience == dev::AUDIENCE {
        return Ok(PolicyTable::parse(timesheets_api::POLICY).context("the demo's own policy")?);
    }
    let text =
        format!("the policy of the API \"{}\" is not known here: it stands in the API's code", api.name);
    Err(Failure::new(Code::Usage, text).hint(HOW_TO_MAKE))
}

const WHO_KNOWS_A_PAT: &str = "`tokenry tokens list` tells whether it works; POST /oauth/introspect, asked with the API's own credential, \
                               tells what it opens there now";
const ALLOWED: &str = "allowed";
const REFUSED: &str = "refused";

/// What comes back over HTTP. 200 stands for whatever the route's handler does.
struct Answer {
    verdict: &'static str,
    status: u16,
    code: &'static str,
}

/// The error contract of guards.
fn answer(verdict: &Verdict) -> Answer {
    let (verdict, status, code) = match verdict {
        Verdict::Allowed => (ALLOWED, 200, ALLOWED),
        Verdict::InsufficientScope { .. } => (REFUSED, 403, "insufficient_scope"),
        Verdict::InvalidToken => (REFUSED, 401, "invalid_token"),
        Verdict::MethodNotAllowed => (REFUSED, 405, "method_not_allowed"),
        Verdict::TenantMismatch => (REFUSED, 403, "tenant_mismatch"),
        Verdict::TokenExpired => (REFUSED, 401, "token_expired"),
        Verdict::UnknownRoute => (REFUSED, 404, "not_found"),
    };
    Answer { verdict, status, code }
}

fn print(explanation: &Explanation, format: Format) -> Result {
    let Answer { verdict, status, code } = answer(&explanation.verdict);
    let scope = match &explanation.verdict {
        Verdict::InsufficientScope { required } => Some(required.join(" ")),
        _ => None,
    };
    if format != Format::Table {
        let checks: Vec<_> = explanation.findings.iter().map(check).collect();
        let thing = Thing::new().with("verdict", verdict).with("status", status).with("code", code);
        return format.thing(&thing.maybe("scope", scope).with("checks", checks));
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for finding in &explanation.findings {
        table.add_row([result(finding), finding.check.as_str(), &visible(&finding.detail)]);
    }
    let scope = scope.map(|scope| format!(" scope=\"{scope}\"")).unwrap_or_default();
    let said = match verdict {
        ALLOWED => "allowed: the answer is the route's own, 2xx if all goes well".to_owned(),
        _ => format!("{verdict}: {status} {code}{scope}"),
    };
    write_out(&format!("{}\n\n{said}\n", table.trim_fmt()))
}

fn check(finding: &Finding) -> Value {
    json!({ "check": finding.check.as_str(), "result": result(finding), "detail": finding.detail })
}

fn result(finding: &Finding) -> &'static str {
    match finding.outcome {
        Outcome::Failed(_) => "fail",
        Outcome::Passed => "pass",
        Outcome::Skipped => "skipped",
    }
}

fn instant(text: &str) -> std::result::Result<Timestamp, String> {
    let instant: jiff::Timestamp =
        text.parse().map_err(|_error| "write it as 2026-11-21T02:34:56Z".to_owned())?;
    Ok(Timestamp::from_millis(instant.as_millisecond()))
}
