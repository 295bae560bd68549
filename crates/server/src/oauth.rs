//! The endpoints under `/oauth`. Every answer, whatever its status, is JSON as RFC 6749 §5 has it.

pub(crate) mod form;
pub(crate) mod introspect;
pub(crate) mod rate_limit;
pub(crate) mod revoke;
pub(crate) mod token;
