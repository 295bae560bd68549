//! What is taken away at the server is gone at every API, on connections that stay open.

mod alike;
mod api;
mod chaos;
mod connection;
mod deployment;
mod isolation;
mod next_request;
mod outage;
mod overlap;
mod people;
mod revocation;
mod rotation;
