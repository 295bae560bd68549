//! The id of a request, in its answer, its log lines and its audit records.

use std::sync::Arc;

use http::HeaderValue;
use tokenry_model::{Rng, random_base62};

/// 22 characters of base62 (131 bits). Always ours: an id from outside could be another request's.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn generate(rng: &dyn Rng) -> Self {
        Self(random_base62(rng, 22).into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("base62 is visible ASCII")
    }
}
