//! What holds of the workspace as a whole.

mod bans;
mod import_graph;
mod requirements;
mod workspace;
