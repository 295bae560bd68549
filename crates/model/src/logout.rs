//! Back-channel logout: what became of a logout token.

use crate::text_enum::text_enum;

text_enum! {
    /// What became of a logout token.
    LogoutOutcome, "outcome of a logout token" {
        /// The client took it.
        Delivered = "delivered",
        /// Nobody took it within a day, or there is nobody any more to take it.
        GivenUp = "given_up",
        /// The client said no, and no again.
        Refused = "refused",
    }
}
