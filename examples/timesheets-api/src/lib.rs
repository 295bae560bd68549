//! The Timesheets demo API.
