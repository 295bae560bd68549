//! Passkeys: keys in what people carry, each for one server, of which they show that they have them (W3C Web Authentication).
//!
//! 1. [`rp`] alone knows the library that speaks Web Authentication: what a browser is asked, and what its answer proves.
//! 2. What was asked travels sealed through the page, for one browser or session ([`asked`]). It is answered once: the store
//!    notes its id in the transaction that adds or uses the passkey, whichever replica the answer reaches.
//! 3. [`enrol`] adds, lists and removes them, for somebody who is signed in.
//! 4. Signing in by one, alone or after a password, is in [`crate::sign_in`], with all other proofs.
//!
//! Whoever uses one has shown to the authenticator that it is theirs (user verification), always: so it proves two factors.

mod asked;
mod enrol;
mod rp;

pub use asked::{PasskeyChallenge, PasskeyPrompt};
pub use enrol::{MAX_PASSKEY_NAME, Passkey, PasskeyError};
pub(crate) use rp::{Answer, RelyingParty, Unproven, user_handle};
