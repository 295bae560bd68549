//! Request bodies: bounded in length, in time, and in how many of them are awaited.
//!
//! A body that is awaited costs its sender nothing but the head that announced it. So it takes no place among the
//! requests at work: almost all bodies are there within a moment, of the others only some are waited for, and of those
//! only a share for each network.

mod awaited;

use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use bytes::BytesMut;
use http::HeaderMap;
use http::header::EXPECT;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use self::awaited::Awaited;
use crate::app::Settings;
use crate::problem::Fault;

/// The longest body of a request with parameters (TOK-27).
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// How much of a body that is too long is thrown away, so that its sender is listening when the answer comes: one that
/// is still writing would see a reset connection instead of the 413.
const MAX_DISCARD: usize = 1024 * 1024;
/// How long that may take.
const DISCARD_TIME: Duration = Duration::from_secs(2);
/// Later than this, a body is late: a round trip around the world.
const PROMPT: Duration = Duration::from_millis(250);

/// Reads bodies.
#[derive(Debug)]
pub(crate) struct Bodies {
    awaited: Awaited,
    time: Duration,
}

impl Bodies {
    pub(crate) fn new(settings: &Settings) -> Self {
        let awaited = Awaited::new(settings.bodies, settings.late_bodies, settings.late_bodies_of_network);
        Self { awaited, time: settings.body_timeout }
    }

    /// The whole body of a request from `peer`.
    ///
    /// # Errors
    /// [`Fault::BodyTooLarge`] above `limit` bytes, [`Fault::BodyUnreadable`] if it breaks off or is not there in time,
    /// [`Fault::Overloaded`] if too many are awaited.
    pub(crate) async fn read(
        &self,
        mut body: Body,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
        limit: usize,
    ) -> Result<Bytes, Fault> {
        let _place = self.awaited.any().ok_or(Fault::Overloaded)?;
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let result = if announced > limit {
            Err(Fault::BodyTooLarge)
        } else {
            self.whole(&mut body, peer, limit).await
        };
        // Whoever asked first (RFC 9110 §10.1.1) has not sent it and is spared.
        if result == Err(Fault::BodyTooLarge)
            && !headers.contains_key(EXPECT)
            && let Some(_late) = self.awaited.late(peer)
        {
            _ = timeout(DISCARD_TIME, discard(&mut body)).await;
        }
        result
    }

    async fn whole(&self, body: &mut Body, peer: Option<IpAddr>, limit: usize) -> Result<Bytes, Fault> {
        let mut whole = pin!(collect(body, limit));
        let prompt = PROMPT.min(self.time);
        if let Ok(whole) = timeout(prompt, &mut whole).await {
            return whole;
        }
        let _late = self.awaited.late(peer).ok_or(Fault::Overloaded)?;
        timeout(self.time - prompt, whole).await.unwrap_or(Err(Fault::BodyUnreadable))
    }
}

async fn collect(body: &mut Body, limit: usize) -> Result<Bytes, Fault> {
    let mut whole = Bytes::new();
    let mut longer: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Fault::BodyUnreadable)?.into_data() else { continue };
        if whole.len().max(longer.as_ref().map_or(0, BytesMut::len)) + data.len() > limit {
            return Err(Fault::BodyTooLarge);
        }
        // Almost every body arrives in one piece, which needs no copy.
        match &mut longer {
            Some(longer) => longer.extend_from_slice(&data),
            None if whole.is_empty() => whole = data,
            None => longer.insert(BytesMut::from(whole.as_ref())).extend_from_slice(&data),
        }
    }
    Ok(longer.map_or(whole, BytesMut::freeze))
}

async fn discard(body: &mut Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > MAX_DISCARD {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    const TIME: Duration = Duration::from_millis(50);

    fn pieces(sizes: &'static [usize]) -> Body {
        Body::from_stream(stream::iter(sizes.iter().map(|size| Ok::<_, std::io::Error>(vec![b'x'; *size]))))
    }

    async fn read(body: Body, limit: usize) -> Result<Bytes, Fault> {
        let bodies = Bodies::new(&Settings { body_timeout: TIME, ..Settings::default() });
        bodies.read(body, &HeaderMap::new(), None, limit).await
    }

    async fn read_within(body: Body, limit: usize) -> Result<usize, Fault> {
        read(body, limit).await.map(|bytes| bytes.len())
    }

    #[tokio::test]
    async fn http_01_the_limit_holds_with_and_without_a_length() {
        assert_eq!(read_within(Body::from(vec![b'x'; 10]), 10).await, Ok(10));
        assert_eq!(read_within(Body::from(vec![b'x'; 11]), 10).await, Err(Fault::BodyTooLarge));
        assert_eq!(read_within(pieces(&[4, 4, 2]), 10).await, Ok(10));
        assert_eq!(read_within(pieces(&[4, 4, 3]), 10).await, Err(Fault::BodyTooLarge));
        assert_eq!(read_within(Body::empty(), 10).await, Ok(0));
    }

    #[tokio::test]
    async fn pieces_come_out_in_order() {
        let parts = ["grant_type=", "client_", "credentials"];
        let body = Body::from_stream(stream::iter(parts.map(Ok::<_, std::io::Error>)));
        let read = read(body, 100).await;
        assert_eq!(read.unwrap(), "grant_type=client_credentials");
    }

    #[tokio::test]
    async fn http_02_a_slow_body_is_given_up() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(read_within(body, 10).await, Err(Fault::BodyUnreadable));
    }

    #[tokio::test]
    async fn a_broken_body_is_unreadable() {
        let body = Body::from_stream(stream::iter([Ok("a"), Err(std::io::Error::other("reset"))]));
        assert_eq!(read_within(body, 10).await, Err(Fault::BodyUnreadable));
    }
}
