//! Pages: what people see. Everything but passkeys works without JavaScript, and nothing is inline.
//!
//! [`page`] sends a page out, [`form`] takes back what its forms send and says who is there, [`cookies`] reads and writes
//! what the browser keeps, [`style`] is the one style sheet, [`script`] the
//! scripts, [`error`] the page of what went wrong.

pub(crate) mod account;
pub(crate) mod address;
mod ask;
pub(crate) mod consent;
pub(crate) mod cookies;
pub(crate) mod error;
pub(crate) mod form;
mod link;
pub(crate) mod login;
pub(crate) mod logout;
mod outcome;
pub(crate) mod page;
pub(crate) mod reset;
pub(crate) mod script;
pub(crate) mod sign_up;
pub(crate) mod style;
pub(crate) mod theme;
pub(crate) mod verify;
mod waiting;
