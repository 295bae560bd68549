//! `private_key_jwt`: clients that sign assertions, at every endpoint where a client authenticates (TOK-08, TOK-20 to 26).

mod claims;
mod fetch;
mod honest;
mod keys;
mod publisher;
mod race;
mod standing;
mod support;
