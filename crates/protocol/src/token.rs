//! The token endpoint's request and response (RFC 6749 §3.2, §4.1.3, §4.4, §5, §6).

mod request;
mod response;

pub(crate) use request::target;
pub use request::{
    ClientAuthentication, ClientCredentials, CodeGrant, Grant, JWT_BEARER_ASSERTION, MAX_CLIENT_ID,
    MAX_COMPANY_ID, RefreshGrant, Request,
};
pub use response::Response;
