//! The page of events: what is audited, and what guards are told.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokenry_model::Event;
use tokenry_protocol::guard::{Change, Revoked, RevokedKind, event_name};

use super::{code, head, table};

pub(super) fn page() -> String {
    let mut page = head(
        "Events",
        "What is written to the audit trail, and what guards are told. A name once released stays what it is.",
    );
    page.push_str(
        "\n## In the audit\n\n\
         `tokenry audit list`, `tail`, `export`. Each record also has: when (`at`), who (`actor_kind`, `actor_id`: anonymous, \
         api, client, operator, system or\nuser), for which company, from which address, `request_id`, `outcome` (`success`, or \
         the [reason of a refusal](errors.md#reasons-of-refusals-for-operators)),\nfurther facts in `detail`, and `count`: how \
         many it stands for.\n",
    );
    let audited = Event::ALL.iter().map(|event| {
        let (happened, subject) = event.meaning().split_once(" Subject: ").unwrap_or((event.meaning(), ""));
        [code(event), happened.to_owned(), subject.trim_end_matches('.').to_owned()]
    });
    page.push_str(&table(["event", "what happened", "subject"], audited));
    page.push_str(&format!(
        "\n## To guards\n\n\
         `GET /guard/v1/events` is a stream of server-sent events, of an API's own changes alone: first one `{}`, which names \
         the stream, then a\n`{}` for each change, with `seq`, `tag` and `kind`, and once a second `{}`: nothing is missing. What \
         a guard does not know it passes over.\n",
        event_name::OPEN, event_name::CHANGE, event_name::COMPLETE,
    ));
    page.push_str(&table(
        ["kind", "with", "what changed"],
        changes().map(|change| {
            let written = json!(change);
            // By name, for maps that keep an order and those that do not.
            let members: BTreeSet<_> = written.as_object().into_iter().flat_map(|it| it.keys()).collect();
            let members = members.into_iter().filter(|it| *it != "kind");
            let members = members.map(code).collect::<Vec<_>>().join(", ");
            [code(plain(&written["kind"])), members, said(&change).to_owned()]
        }),
    ));
    page.push_str("\nWhat is dead, `what` in `revoked`:\n");
    let kinds = [RevokedKind::Handle, RevokedKind::Key, RevokedKind::Token];
    page.push_str(&table(
        ["what", "`value`"],
        kinds.map(|kind| [code(plain(&json!(kind))), named(kind).to_owned()]),
    ));
    page
}

fn plain(word: &Value) -> String {
    word.as_str().unwrap_or_default().to_owned()
}

/// One of each kind that is sent.
fn changes() -> impl Iterator<Item = Change> {
    let (company, corporation) = (String::new, String::new);
    let revoked = Revoked { what: RevokedKind::Key, value: String::new(), expires_at: 0 };
    [
        Change::CompanyDisabled { company: company() },
        Change::CompanyEnabled { company: company() },
        Change::CompanyJoined { corporation: corporation(), company: company() },
        Change::CompanyLeft { corporation: corporation(), company: company() },
        Change::Keys { jwks: Value::Null },
        Change::Revoked(revoked),
        Change::SubjectChanged { subject: Some(String::new()) },
    ]
    .into_iter()
}

fn said(change: &Change) -> &'static str {
    match change {
        Change::CompanyDisabled { .. } => "Nobody may act for the company any more.",
        Change::CompanyEnabled { .. } => "The company may be acted for again, with new tokens.",
        Change::CompanyJoined { .. } => "A corporation has one company more.",
        Change::CompanyLeft { .. } => "A corporation has one company less.",
        Change::Keys { .. } => "There is another key set; this is all of it (RFC 7517 section 5).",
        Change::Revoked(_) => {
            "Something that tokens hang on is dead for good; nobody need know it after `expires_at`."
        }
        Change::SubjectChanged { .. } => {
            "What the user `subject` may do by credentials of their own (personal access token, cookie, account secret) may be another \
             thing now, or what anybody may, where `subject` is absent: what is remembered of it counts no more."
        }
        Change::Unknown => "",
    }
}

fn named(kind: RevokedKind) -> &'static str {
    match kind {
        RevokedKind::Handle => "The first eleven characters of a `jti`: every token that begins with them.",
        RevokedKind::Key => "A `kid`: every token that this key signed.",
        RevokedKind::Token => "A whole `jti`: that one token.",
        RevokedKind::Unknown => "",
    }
}
