//! `backup`, `restore` and `copy`, run as operators run them.

mod contents;
mod copied;
mod guides;
mod honoured;
mod interrupted;
mod place;
mod refused;
mod tokens;
mod trouble;
