//! Which token the path names. What cannot be one is one that there is not.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::problem::Fault;

/// What stands in the path, which may be anything.
pub(crate) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Fault> {
        let found = Path::from_request_parts(head, state).await;
        found.map(|Path(id)| Self(id)).map_err(|_unreadable| Fault::NotFound)
    }
}
