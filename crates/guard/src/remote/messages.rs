//! Server-sent events, of bounded length (WHATWG HTML §9.2.6), from whatever pieces the bytes come in.
//!
//! Lines end in `\n` or `\r\n`. What the guard has no use for (`id`, `retry`, comments) is passed over.

use bytes::BytesMut;
use tokio_util::codec::{Decoder, LinesCodec};

use super::FetchError;

/// A whole key set fits into one message.
const MAX_LEN: usize = 512 * 1024;

/// One message.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) data: String,
}

/// Cuts a stream of bytes into messages.
pub(super) struct Messages {
    bytes: BytesMut,
    lines: LinesCodec,
    begun: Message,
}

impl Messages {
    pub(super) fn new() -> Self {
        let lines = LinesCodec::new_with_max_length(MAX_LEN);
        Self { bytes: BytesMut::new(), lines, begun: Message::default() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, if it is there.
    pub(super) fn next(&mut self) -> Result<Option<Message>, FetchError> {
        while let Some(line) = self.lines.decode(&mut self.bytes).map_err(|_| malformed())? {
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "" if line.is_empty() => {
                    let message = std::mem::take(&mut self.begun);
                    if !message.data.is_empty() {
                        return Ok(Some(message));
                    }
                }
                "data" if self.begun.data.len() + value.len() >= MAX_LEN => return Err(malformed()),
                "data" if self.begun.data.is_empty() => value.clone_into(&mut self.begun.data),
                "data" => {
                    self.begun.data.push('\n');
                    self.begun.data.push_str(value);
                }
                "event" => value.clone_into(&mut self.begun.name),
                _ => {}
            }
        }
        Ok(None)
    }
}

fn malformed() -> FetchError {
    FetchError::Content(format!("a message is no text, or longer than {MAX_LEN} bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = ": hello\n\nevent: open\ndata: {\"a\":\ndata: 1}\n\nid: 7\r\nevent:change\r\ndata:x: y\r\n\r\nevent: nothing\n\ndata\n\n";

    fn message(name: &str, data: &str) -> Message {
        Message { name: name.to_owned(), data: data.to_owned() }
    }

    proptest! {
        #[test]
        fn messages_are_the_same_in_whatever_pieces_they_come(sizes in proptest::collection::vec(1..9_usize, 1..200)) {
            let mut messages = Messages::new();
            let (mut rest, mut read) = (STREAM.as_bytes(), Vec::new());
            for size in sizes.into_iter().chain([STREAM.len()]) {
                let (piece, after) = rest.split_at(size.min(rest.len()));
                rest = after;
                messages.feed(piece);
                while let Some(message) = messages.next().unwrap() {
                    read.push(message);
                }
            }
            prop_assert_eq!(read, [message("open", "{\"a\":\n1}"), message("change", "x: y")]);
        }
    }

    #[test]
    fn nothing_grows_without_end() {
        let mut endless = Messages::new();
        endless.feed(&vec![b'x'; MAX_LEN + 1]);
        assert!(endless.next().is_err());
        let mut many = Messages::new();
        let line = format!("data: {}\n", "x".repeat(MAX_LEN / 2));
        many.feed(line.repeat(3).as_bytes());
        assert!(many.next().is_err());
        let mut binary = Messages::new();
        binary.feed(b"data: \xFF\n\n");
        assert!(binary.next().is_err());
    }
}
