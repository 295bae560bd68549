//! `/dev/mailbox`: the mail of `tokenry dev`, to be read where it was made. There is none elsewhere, nor while `dev` is exposed:
//! a stranger behind a tunnel comes from loopback, and writes into `Host` what he likes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use tokenry_engine::Refusal;
use tokenry_engine::mail::OpenedMail;

use crate::app::State;
use crate::mail::letters::{self, Rendered};
use crate::paths;
use crate::problem::{Failure, Fault};
use crate::words::Words;
use crate::words::language::Language;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const ENGLISH: HeaderValue = HeaderValue::from_static("en");
const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// A letter has its style in itself, as readers of mail want it, and may do nothing else.
const LETTER: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Mailbox {
    path: &'static str,
    mails: Vec<Line>,
}

/// A mail in the list.
struct Line {
    id: String,
    recipient: String,
    subject: String,
    at: String,
    sent: bool,
}

#[derive(Template)]
#[template(path = "mailbox_letter.html")]
struct Letter<'a> {
    path: &'static str,
    id: &'a str,
    recipient: &'a str,
    subject: &'a str,
    at: String,
    link: Option<&'a str>,
    text: &'a str,
}

/// `GET /dev/mailbox`.
pub(crate) async fn list(Shared(state): Shared<Arc<State>>) -> Result<Response, Failure> {
    here(&state)?;
    let mails = state.engine.mailbox().await.map_err(Refusal::from)?;
    let english = Words::of(Language::En);
    let mails = mails.into_iter().map(|mail| Line {
        subject: mail.about.map_or_else(|| mail.id.clone(), |about| letters::subject(about, english)),
        id: mail.id,
        recipient: mail.recipient,
        at: english.at(mail.at),
        sent: mail.sent_at.is_some(),
    });
    let page = Mailbox { path: paths::MAILBOX, mails: mails.collect() };
    answer(page.render(), PAGE)
}

/// `GET /dev/mailbox/{id}`: one mail as text.
pub(crate) async fn letter(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    here(&state)?;
    let (opened, rendered) = open(&state, &id).await?;
    let page = Letter {
        path: paths::MAILBOX,
        id: &id,
        recipient: &opened.mail.recipient,
        subject: &rendered.subject,
        at: Words::of(Language::En).at(opened.at),
        link: opened.mail.letter.link.as_ref().map(|link| link.expose()),
        text: &rendered.text,
    };
    answer(page.render(), PAGE)
}

/// `GET /dev/mailbox/{id}/html`: one mail as HTML, as readers of mail show it.
pub(crate) async fn html(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    here(&state)?;
    let (_opened, rendered) = open(&state, &id).await?;
    answer(Ok(rendered.html), LETTER)
}

/// The mailbox opens accounts: it is served where nobody but this machine can reach it.
fn here(state: &State) -> Result<(), Fault> {
    if state.hosts.is_for_this_machine_alone() { Ok(()) } else { Err(Fault::NotFound) }
}

async fn open(state: &State, id: &str) -> Result<(OpenedMail, Rendered), Failure> {
    let opened = state.engine.open_mail(id).await.map_err(Refusal::from)?.ok_or(Fault::NotFound)?;
    let rendered = letters::render(&opened.mail).map_err(unrendered)?;
    Ok((opened, rendered))
}

fn answer(html: askama::Result<String>, policy: HeaderValue) -> Result<Response, Failure> {
    let html = html.map_err(unrendered)?;
    let fields = [(CONTENT_LANGUAGE, ENGLISH), (CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, policy)];
    Ok((fields, html).into_response())
}

fn unrendered(error: askama::Error) -> Fault {
    tracing::error!(error = &error as &dyn std::error::Error, "a mail cannot be shown");
    Fault::Panicked
}
