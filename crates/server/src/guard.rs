//! What guards of an API ask for, with the API's own credential.

pub(crate) mod snapshot;
