//! The keyring: master keys outside the database wrap a data key inside it, and the data key wraps what must be shown or used again.

mod aead;
mod data_key;
mod master;
mod rewrap;

pub use aead::OpenSealedError;
pub(crate) use aead::SealingKey;
pub use data_key::{DataKey, KeyringError, must_open, unlock};
pub use master::{InvalidMasterKeys, MasterKeys};
pub use rewrap::rewrap;
