//! People sign in: through other people's libraries, and in the two web applications of the examples.

mod contractor;
mod libraries;
mod pages;
mod sign_out;
mod world;
