//! Backups and copies: what they hold, and what they refuse.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed, in helpers too")]

mod archive;
mod copy;
mod filled;
mod picture;
