//! TLS as clients meet it: real handshakes with certificates of an authority of the test's own.

mod certificate;
mod handshake;
mod hello;
mod support;
