//! People sign in: through other people's libraries, and in the two web applications of the examples.

mod applications;
mod contractor;
mod libraries;
mod world;
