//! The store's tests, on both engines.

mod db;
mod entities;
