//! Reading the snapshot of `/guard/v1/snapshot` as it arrives: what is revoked goes into the table piece by piece, because
//! there may be a million of it; companies and keys are taken over when the end has been seen.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use tokenry_clock::Timestamp;
use tokenry_protocol::guard::{Revoked, SNAPSHOT_PATH};
use tokio::sync::mpsc;

use super::http::transport;
use super::{FetchError, Link};
use crate::authority::{Authority, Place};
use crate::companies::Directory;
use crate::revocations::Entry;

/// How long nothing may come.
const STALL: Duration = Duration::from_secs(5);

/// How many entries are added at once: rewriting a part of the table costs the same for one and for many.
const BATCH: usize = 32_768;

/// How many pieces of the answer may wait to be read.
const AHEAD: usize = 16;

/// Everything of a snapshot but what was revoked.
struct Head {
    /// By the clock of the issuer.
    issued_at: Timestamp,
    place: Place,
    jwks: Value,
    directory: Directory,
    complete: Complete,
}

/// Whether all that was revoked fitted into the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Complete {
    No,
    Yes,
}

/// Takes a snapshot for the guard of that name and applies it.
pub(super) async fn load(link: &Link, name: &str) -> Result<(), FetchError> {
    let (authority, now) = (&link.authority, link.clock.now());
    authority.revocations.horizon.begin_anew(now);
    authority.revocations.sweep(now);
    let mut response = link.remote.open(SNAPSHOT_PATH, &format!("guard={name}")).await?;
    let (pieces, waiting) = mpsc::channel(AHEAD);
    let sink = Sink { audience: link.audience.clone(), authority: Arc::clone(authority), now };
    let reading = tokio::task::spawn_blocking(move || {
        let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(Pieces::new(waiting)));
        let head = sink.deserialize(&mut json)?;
        json.end().map(|()| head)
    });
    let sent = loop {
        let chunk = tokio::time::timeout(STALL, response.chunk()).await;
        match chunk.map_err(|_| FetchError::Silent).and_then(|chunk| chunk.map_err(transport)) {
            Ok(Some(chunk)) => {
                if pieces.send(chunk).await.is_err() {
                    // Nobody reads on, and that side says why.
                    break Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drop(pieces);
    let read = reading.await.map_err(|error| FetchError::Content(error.to_string()))?;
    sent?;
    let head = read.map_err(|error| FetchError::Content(error.to_string()))?;
    authority.announce_keys(&head.jwks);
    authority.revocations.set_overflowing(head.complete == Complete::No);
    if head.complete == Complete::Yes {
        authority.revocations.horizon.end_anew(head.issued_at);
    }
    authority.replace_companies(head.directory);
    // Last: at no time it says more than the rest holds, and both may be on their way to the disk.
    authority.set_applied(head.place);
    Ok(())
}

/// The answer for a reader that waits.
struct Pieces {
    current: Bytes,
    waiting: mpsc::Receiver<Bytes>,
}

impl Pieces {
    fn new(waiting: mpsc::Receiver<Bytes>) -> Self {
        Self { current: Bytes::new(), waiting }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.waiting.blocking_recv() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let len = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..len]);
        Ok(len)
    }
}

/// Where a snapshot goes.
struct Sink {
    audience: String,
    authority: Arc<Authority>,
    now: Timestamp,
}

impl<'de> DeserializeSeed<'de> for Sink {
    type Value = Head;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Head, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sink {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Head, A::Error> {
        let (mut audience, mut issued_at, mut seq, mut tag, mut jwks) = (None, None, None, None, None);
        let (mut corporations, mut disabled, mut complete) = (None, None, None);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "audience" => audience = Some(self.check_audience(members.next_value()?)?),
                "corporations" => corporations = Some(members.next_value::<BTreeMap<_, _>>()?),
                "disabled_companies" => disabled = Some(members.next_value::<Vec<String>>()?),
                "issued_at" => issued_at = Some(members.next_value()?),
                "jwks" => jwks = Some(members.next_value()?),
                "revoked" => {
                    audience.ok_or_else(|| A::Error::custom("revoked stands before audience"))?;
                    complete = Some(members.next_value_seed(Entries(&self))?);
                }
                "seq" => seq = Some(members.next_value()?),
                "tag" => tag = Some(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        audience.ok_or_else(|| A::Error::missing_field("audience"))?;
        Ok(Head {
            issued_at: Timestamp::from_millis(issued_at.unwrap_or(i64::MIN)),
            place: Place {
                seq: seq.ok_or_else(|| A::Error::missing_field("seq"))?,
                tag: tag.unwrap_or_default(),
            },
            jwks: jwks.ok_or_else(|| A::Error::missing_field("jwks"))?,
            directory: Directory::new(
                corporations.ok_or_else(|| A::Error::missing_field("corporations"))?,
                disabled.ok_or_else(|| A::Error::missing_field("disabled_companies"))?,
            ),
            complete: complete.ok_or_else(|| A::Error::missing_field("revoked"))?,
        })
    }
}

/// The snapshot is for this API.
#[derive(Clone, Copy)]
struct Checked;

impl Sink {
    fn check_audience<E: serde::de::Error>(&self, audience: String) -> Result<Checked, E> {
        if audience == self.audience {
            return Ok(Checked);
        }
        Err(E::custom(format!("its audience is {audience:?}, expected is {:?}", self.audience)))
    }
}

/// What was revoked, on its way into the table.
struct Entries<'a>(&'a Sink);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Complete;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Complete, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Complete;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was revoked")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut revoked: A) -> Result<Complete, A::Error> {
        let Self(sink) = self;
        let (mut batch, mut complete) = (Vec::new(), Complete::Yes);
        loop {
            let next = revoked.next_element::<Revoked>()?;
            let ended = next.is_none();
            batch.extend(next.as_ref().and_then(Entry::new));
            if ended || batch.len() == BATCH {
                let added = sink.authority.revoke(std::mem::take(&mut batch), sink.now);
                complete = if added.is_ok() { complete } else { Complete::No };
            }
            if ended {
                return Ok(complete);
            }
        }
    }
}
