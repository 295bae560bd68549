//! `serve` with a certificate of its own, as operators, browsers, guards and jobs meet it.

mod configuration;
mod doctor;
mod kits;
mod reload;
mod serving;
pub(crate) mod site;
