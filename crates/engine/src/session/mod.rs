//! Sessions: their keys and the codec of what browsers carry for us.
//!
//! 1. [`keys`] holds the keys: one pair seals, retired ones open for as long as something that they sealed may count.
//! 2. [`seal`] turns a value into a text that only this server reads, signed and then encrypted, for one purpose and a while.
//! 3. [`begin`] makes a session of a proof, and another cookie of each further one.
//! 4. [`device`] knows a browser again, so that its user is told of one that is new.
//! 5. [`signed_in`] says who sits before a browser, at every request.
//! 6. [`fresh`] says whether they have shown lately that it is them.
//! 7. [`rotate`] puts a new pair in the place of the one that seals; nobody is signed out by it.
//! 8. A separate user interface signs people in with [`headless`] and proves with [`csrf`] that it is the one; [`check`] tells
//!    guards what a cookie for APIs opens, [`exchange`] trades a session for a JWT, and [`presented`] knows such a JWT again
//!    (decision 28). What either opens is decided in [`reach`].

mod begin;
mod check;
mod csrf;
mod device;
mod exchange;
mod fresh;
mod headless;
mod keys;
mod presented;
mod reach;
mod rotate;
mod seal;
mod sign_out;
mod signed_in;
mod withheld;

pub(crate) use begin::unsealable;
pub use begin::{AtHand, BegunSession};
pub(crate) use csrf::CsrfKey;
pub use device::{DEVICE_COOKIE, DEVICE_TTL, Device};
pub use exchange::Exchanged;
pub use fresh::FreshUser;
pub use headless::{HeadlessError, HeadlessSignIn, Shown};
pub(crate) use keys::SessionKeys;
pub use rotate::{RotatedSessionKey, session_key_removable_at};
pub use seal::{FLOW_COOKIE, MAX_SEALED, Purpose, SealError};
pub use sign_out::LivingSession;
pub use signed_in::{LeavingUser, SignedInUser, ends_at};
pub use withheld::Withheld;
