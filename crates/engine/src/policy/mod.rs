//! Policy: pure functions, facts in, decision out.

pub(crate) mod company;
pub(crate) mod consent;
pub(crate) mod granted;
pub(crate) mod limits;
pub(crate) mod may_act;
pub(crate) mod may_see;
pub(crate) mod origin;
pub(crate) mod others_ports;
pub(crate) mod over_minting;
pub(crate) mod redirect_uri;
pub(crate) mod scope;
pub(crate) mod still_granted;
pub(crate) mod tenant;
pub(crate) mod user_claims;
