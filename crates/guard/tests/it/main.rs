//! The guard through its front door.
