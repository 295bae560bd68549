//! The audit trail's seal: made once a second, checked by whoever holds the keyring, and removed from the oldest end only.
//!
//! 1. Records are written with what they record, in one transaction; nothing here is in that path.
//! 2. [`Sealer::tick`], each second in every server, links what was committed since into the next [`Checkpoint`]: the
//!    rows in ascending order of their places, after the checkpoint before. Who inserts the next number wins; the others
//!    see that somebody seals, and leave it to them.
//! 3. On PostgreSQL a row may become visible after one with a higher place. The place that was empty is remembered, and
//!    the row sealed by a later checkpoint, which names it.
//! 4. Each checkpoint is signed by a key of its own kind and written to the log, so that it leaves the machine.
//! 5. [`verify`] walks all of it again, and compares with checkpoints that were kept elsewhere.
//!
//! [`Checkpoint`]: tokenry_model::Checkpoint

mod export;
mod finding;
mod gaps;
mod health;
mod key;
mod portable;
mod retention;
mod rows;
mod sealer;
mod standing;
mod tail;
mod verify;
mod work;

pub use export::Exported;
pub use finding::Finding;
pub(crate) use health::Health;
pub use key::{AuditKey, AuditKeyError};
pub use portable::{InvalidCheckpoint, portable, read_portable};
pub use sealer::Sealer;
pub use standing::{Standing, standing};
pub use tail::Tail;
pub use verify::{Verification, verify};
