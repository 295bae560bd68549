//! `GET /guard/v1/snapshot[?guard=NAME]`: all that a guard must know before it can follow the events.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Uri};
use tokenry_engine::SnapshotReader;
use tokenry_protocol::guard::Revoked;

use super::{credential, invalid, refused};
use crate::app::{Exchange, State};
use crate::metrics;
use crate::problem::Failure;

/// What a snapshot without anything revoked ends with.
const END: &str = "]}";

pub(crate) async fn snapshot(
    Shared(state): Shared<Arc<State>>,
    Exchange(context): Exchange,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let credential = credential(&state, &headers, &context)?;
    let guard = guard_name(&uri)
        .ok_or_else(|| invalid("The query is the guard's name as guard=NAME, if it has one."))?;
    let snapshot = state.engine.snapshot(&credential, guard.as_deref(), &context).await;
    let snapshot = snapshot.map_err(|refusal| refused(refusal.into()))?;
    metrics::snapshot_begun();
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body(snapshot)).into_response())
}

/// The name that the guard may have; `None` where it is doubled or empty.
fn guard_name(uri: &Uri) -> Option<Option<String>> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let mut names = form_urlencoded::parse(query).filter(|(name, _)| name == "guard");
    match (names.next(), names.next()) {
        (None, _) => Some(None),
        (Some((_, name)), None) if !name.is_empty() => Some(Some(name.into_owned())),
        _ => None,
    }
}

/// How far the document is written.
enum Writing {
    Head(SnapshotReader),
    Pages { reader: SnapshotReader, first: bool },
    Ended,
}

/// The document, piece by piece: nobody holds it whole. One that breaks off is no JSON.
fn body(snapshot: SnapshotReader) -> Body {
    Body::from_stream(stream::try_unfold(Writing::Head(snapshot), async |writing| {
        let written = match writing {
            Writing::Head(reader) => {
                let head = to_json(reader.head());
                let open = head.strip_suffix(END).expect("the list of what was revoked is last, and empty");
                (Bytes::copy_from_slice(open.as_bytes()), Writing::Pages { reader, first: true })
            }
            Writing::Pages { mut reader, first } => {
                let page = reader.next_page().await.map_err(|refusal| {
                    tracing::warn!(reason = refusal.reason, "a snapshot breaks off");
                    io::Error::other("the database does not answer")
                })?;
                if page.is_empty() {
                    (Bytes::from_static(END.as_bytes()), Writing::Ended)
                } else {
                    (members(&page, first), Writing::Pages { reader, first: false })
                }
            }
            Writing::Ended => return Ok::<_, io::Error>(None),
        };
        Ok(Some(written))
    }))
}

/// Members of the list, after others unless they are the `first`.
fn members(page: &[Revoked], first: bool) -> Bytes {
    let list = to_json(page);
    let inner = &list[1..list.len() - 1];
    if first { Bytes::copy_from_slice(inner.as_bytes()) } else { Bytes::from(format!(",{inner}")) }
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("strings and numbers always serialise")
}
