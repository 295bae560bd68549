//! What people can do with their account as a whole: see what happened to it lately, take a copy of what is kept,
//! and leave.

mod events;
mod export;
mod leave;

pub use self::events::{AccountEvent, By, Happened};
pub use self::export::{AccountExport, ExportError};
pub use self::leave::LeaveError;
