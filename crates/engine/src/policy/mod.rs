//! Policy: pure functions, facts in, decision out.

pub mod may_act;
pub mod may_see;
pub mod redirect_uri;
pub mod scope;
pub mod tenant;
