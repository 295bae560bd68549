//! What people can do with their account as a whole: see what happened to it lately, and take a copy of what is kept.

mod events;
mod export;

pub use self::events::{AccountEvent, By, Happened};
pub use self::export::AccountExport;
