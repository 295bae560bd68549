//! The endpoints under `/oauth`. Every answer, whatever its status, is JSON as RFC 6749 §5 has it.

pub(crate) mod token;
