//! What people can do with their account as a whole: see what happened to it lately.

mod events;

pub use self::events::{AccountEvent, By, Happened};
