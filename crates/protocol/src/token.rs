//! The token endpoint's request and response (RFC 6749 §3.2, §4.4, §5).

mod request;
mod response;

pub(crate) use request::target;
pub use request::{
    ClientAuthentication, ClientCredentials, Grant, JWT_BEARER_ASSERTION, MAX_CLIENT_ID, MAX_COMPANY_ID,
    Request,
};
pub use response::Response;
