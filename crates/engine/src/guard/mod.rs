//! What guards are told: a snapshot to begin with, then a stream of numbered events, and who has applied what.
//!
//! 1. Whoever changes what guards must know writes that down in the same transaction, for each API that it concerns
//!    and without a number (`store/guard_events.rs`).
//! 2. The [`feed`] of some process numbers it, per API and without holes, and tells its own streams how far the log of
//!    each API goes.
//! 3. Each [`stream`] sends what its guard has not had, in order, and says once a second that nothing is missing.
//! 4. The guard applies it and acknowledges ([`ack`]); a command that waits for it returns.
//! 5. A guard that has missed something, or that begins, takes a [`snapshot`] first.

mod ack;
mod begin;
mod feed;
mod places;
mod refusal;
mod snapshot;
mod stream;

pub use refusal::GuardRefusal;
pub use snapshot::SnapshotReader;
pub use stream::{EventStream, Message};

pub(crate) use feed::Feed;
