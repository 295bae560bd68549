//! The store's tests, on both engines.

mod backup;
mod db;
mod entities;
