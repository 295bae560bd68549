//! Tokenry.
