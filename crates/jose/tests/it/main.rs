//! The crate from outside: RFC vectors, negative cases by number, other libraries as oracles, and properties.

mod cost;
mod framing;
mod header;
mod json;
mod jwk;
mod jwk_set;
mod oracles;
mod properties;
mod rfc;
mod signature;
mod support;
