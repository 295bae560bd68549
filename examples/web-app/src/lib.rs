//! What the two example web applications share, none of which is about signing in: settings, the API, pages, serving.

mod api;
mod pages;
mod program;
mod settings;
mod tokens;

pub use api::{Api, ApiError, NewTimesheet, Timesheet, Whoami};
pub use pages::{Page, Problem};
pub use program::{http_client, log_to_stderr, serve};
pub use settings::{Server, Settings};
pub use tokens::{Tokens, now};
