//! Reading every page of a list.

use std::future::Future;

use tokenry_engine::manage::Error;

use crate::failure::Result;

/// How many things are read at once.
const PAGE: i64 = 500;

/// Every thing, page by page; `id` tells where the next page begins.
pub(crate) async fn all<T, I: Clone, F>(
    id: impl Fn(&T) -> I,
    mut page: impl FnMut(Option<I>, i64) -> F,
) -> Result<Vec<T>>
where
    F: Future<Output = std::result::Result<Vec<T>, Error>>,
{
    let mut things: Vec<T> = Vec::new();
    loop {
        let found = page(things.last().map(&id), PAGE).await?;
        let last = i64::try_from(found.len()).unwrap_or(PAGE) < PAGE;
        things.extend(found);
        if last {
            return Ok(things);
        }
    }
}
