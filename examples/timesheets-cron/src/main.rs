//! The Timesheets cron job: uploads a week of timesheets on its own behalf.
//!
//! 1. Read the file, and stop before the first request if a line is wrong ([`sheets`]).
//! 2. Learn from the API for which company the token is ([`upload::Api::company`]).
//! 3. Upload each timesheet, four at a time, waiting when told to ([`upload`]).
//! 4. Say what came of each line ([`report`]).
//!
//! Running it twice is safe: what was uploaded before is reported as `existed`.

mod report;
mod settings;
mod sheets;
mod upload;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokenry_token_source::TokenSource;
use tracing_subscriber::EnvFilter;

use crate::report::Report;
use crate::settings::Settings;
use crate::sheets::Sheet;
use crate::upload::Api;

const AT_ONCE: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Uploads timesheets from a CSV file with the columns employee, week and hours.
///
/// Reads ISSUER, AUDIENCE, API_URL, CLIENT_ID and CLIENT_SECRET from the environment. Prints a table of what
/// came of each line. Exits with 1 if a timesheet was refused, or if nothing could be uploaded.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The file to upload.
    #[arg(long, value_name = "CSV")]
    file: PathBuf,

    /// The company to upload for. The token's own unless given; finding out takes the scope read:timesheets.
    #[arg(long, value_name = "ID")]
    company: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    let color = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).init();
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            report::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::from_environment()?;
    let sheets = sheets::read(&arguments.file)?;
    let tokens = TokenSource::builder(settings.issuer, settings.client_id, settings.client_secret)
        .audience(settings.audience)
        .build()
        .context("ISSUER, CLIENT_ID or CLIENT_SECRET is wrong")?;
    let http = reqwest::Client::builder().timeout(TIMEOUT).build().context("cannot set up TLS")?;
    let api = Api::new(http, tokens, settings.api_url);
    let company = match arguments.company {
        Some(company) => company,
        None => api.company().await?,
    };
    let report = upload(&api, &company, sheets).await;
    report.print().context("cannot print the report")?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Uploads all, a few at a time, and reports in the order of the file. On a terminal a bar shows how far it
/// is.
async fn upload(api: &Api, company: &str, sheets: Vec<Sheet>) -> Report {
    let bar = ProgressBar::new(sheets.len().try_into().unwrap_or(u64::MAX)).with_style(style());
    let uploads = stream::iter(sheets).map(|sheet| {
        let bar = bar.clone();
        async move {
            let outcome = api.upload(company, &sheet).await;
            bar.inc(1);
            (sheet, outcome)
        }
    });
    let outcomes = uploads.buffered(AT_ONCE).collect().await;
    bar.finish_and_clear();
    Report::new(outcomes)
}

/// indicatif draws on stderr, and nothing unless that is a terminal.
fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} timesheets").expect("the template is right")
}
