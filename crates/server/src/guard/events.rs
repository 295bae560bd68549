//! `GET /guard/v1/events?after=SEQ[&tag=TAG][&guard=NAME]`: server-sent events, for as long as the guard listens.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Uri};
use tokenry_engine::{EventStream, Message};
use tokenry_protocol::guard::event_name;

use super::{credential, invalid, refused};
use crate::app::State;
use crate::metrics::OpenStream;
use crate::problem::Failure;
use crate::serve::Draining;

/// Proxies that know it pass each event on at once (nginx).
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(crate) async fn events(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    let (head, _no_body) = request.into_parts();
    let context = state.context(&head);
    let credential = credential(&state, &head.headers, &context)?;
    let Query { after, tag, guard } = Query::parse(&head.uri).ok_or_else(|| {
        invalid("The query is after=NUMBER, that event's tag=TAG, and the guard's name as guard=NAME if it has one.")
    })?;
    let stream =
        state.engine.guard_events(&credential, after, tag.as_deref(), guard.as_deref(), &context).await;
    let stream = stream.map_err(|refusal| refused(refusal.into()))?;
    let fields = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (BUFFERING, HeaderValue::from_static("no")),
    ];
    Ok((fields, body(stream, head.extensions.get().cloned())).into_response())
}

#[derive(Debug, Eq, PartialEq)]
struct Query {
    after: i64,
    tag: Option<String>,
    guard: Option<String>,
}

impl Query {
    /// `None` where a parameter is missing, doubled or malformed.
    fn parse(uri: &Uri) -> Option<Self> {
        let (mut after, mut tag, mut guard) = (None, None, None);
        for (name, value) in form_urlencoded::parse(uri.query()?.as_bytes()) {
            match &*name {
                "after" if after.is_none() => after = Some(number(&value)?),
                "guard" if guard.is_none() && !value.is_empty() => guard = Some(value.into_owned()),
                "tag" if tag.is_none() => tag = Some(value.into_owned()),
                "after" | "guard" | "tag" => return None,
                _ => {}
            }
        }
        Some(Self { after: after?, tag, guard })
    }
}

/// Digits and nothing else.
fn number(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// A stream that is being sent.
struct Sending {
    stream: EventStream,
    draining: BoxFuture<'static, ()>,
    _open: OpenStream,
}

fn body(stream: EventStream, draining: Option<Draining>) -> Body {
    let draining = match draining {
        Some(draining) => draining.begun().boxed(),
        None => std::future::pending().boxed(),
    };
    let sending = Sending { stream, draining, _open: OpenStream::begin() };
    Body::from_stream(stream::unfold(sending, async |mut sending| {
        let message = tokio::select! {
            biased;
            () = &mut sending.draining => None,
            message = sending.stream.next() => message,
        };
        Some((Ok::<_, std::convert::Infallible>(write(&message?)), sending))
    }))
}

/// A message as the HTML standard's §9.2.6 has it.
fn write(message: &Message) -> Bytes {
    let (name, id, data) = match message {
        Message::Change(event) => (event_name::CHANGE, Some(event.seq), serde_json::to_string(event)),
        Message::Complete(complete) => (event_name::COMPLETE, None, serde_json::to_string(complete)),
        Message::Open(open) => (event_name::OPEN, None, serde_json::to_string(open)),
    };
    let data = data.expect("strings and numbers always serialise, without a line break");
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokenry_protocol::guard::{Change, Event};

    use super::*;

    #[rstest]
    #[case::nothing("")]
    #[case::no_value("after=")]
    #[case::negative("after=-1")]
    #[case::signed("after=%2B1")]
    #[case::text("after=one")]
    #[case::fraction("after=1.0")]
    #[case::too_big("after=9223372036854775808")]
    #[case::twice("after=1&after=1")]
    #[case::nameless("after=1&guard=")]
    #[case::two_names("after=1&guard=a&guard=b")]
    #[case::two_tags("after=1&tag=a&tag=a")]
    #[case::other("since=2")]
    #[case::name_only("guard=a")]
    fn what_is_no_query_is_none(#[case] query: &str) {
        assert_eq!(Query::parse(&format!("/guard/v1/events?{query}").parse().unwrap()), None);
    }

    #[test]
    fn a_query_is_a_number_and_perhaps_a_name() {
        let parse = |text: &str| Query::parse(&text.parse().unwrap());
        assert_eq!(parse("/e?after=0"), Some(Query { after: 0, tag: None, guard: None }));
        let named = |tag: &str| {
            Some(Query { after: 17, tag: Some(tag.to_owned()), guard: Some("pod-1/a".to_owned()) })
        };
        assert_eq!(parse("/e?guard=pod-1%2Fa&tag=a_-9&later=1&after=17"), named("a_-9"));
        assert_eq!(parse("/e?guard=pod-1%2Fa&after=17&tag="), named(""), "there is no such event");
        assert_eq!(parse("/e"), None);
    }

    #[test]
    fn a_message_is_one_server_sent_event() {
        let change = Change::CompanyDisabled { company: "c".to_owned() };
        let text = write(&Message::Change(Event { seq: 7, tag: "t".to_owned(), change }));
        let expected = "event: change\nid: 7\ndata: {\"seq\":7,\"tag\":\"t\",\"kind\":\"company_disabled\",\"company\":\"c\"}\n\n";
        assert_eq!(text, expected.as_bytes());
    }
}
