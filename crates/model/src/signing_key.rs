//! A signing key as it is stored: public part, wrapped private part, and where it is in its life.

use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_jose::Algorithm;

/// Where a key is in its life. It only ever moves on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyState {
    /// Published, never used: verifiers learn it before the first token signed with it.
    Pending,
    /// Signs.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Signs no more; verifies what it signed until that has expired.
    Retired {
        /// Since when.
        since: Timestamp,
        /// Until when it verifies. Not after `since`: it was revoked and never verifies again, whatever the clock says.
        verifies_until: Timestamp,
    },
}

/// A signing key as it is stored.
#[derive(Clone, Debug)]
pub struct SigningKeyRecord {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The one algorithm it signs with.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// The public JWK, as JSON.
    pub public_jwk: String,
    /// The private part (PKCS#8), sealed by the data key named `data_key_id`.
    pub wrapped_private: Vec<u8>,
    /// Which data key sealed it.
    pub data_key_id: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key cannot make that move.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a key goes from pending to active to retired, and never back")]
pub struct WrongKeyState;

impl KeyState {
    /// pending → active.
    ///
    /// # Errors
    /// From any other state.
    pub const fn activate(self, now: Timestamp) -> Result<Self, WrongKeyState> {
        match self {
            Self::Pending => Ok(Self::Active { since: now }),
            Self::Active { .. } | Self::Retired { .. } => Err(WrongKeyState),
        }
    }

    /// active → retired.
    ///
    /// # Errors
    /// From any other state.
    pub const fn retire(self, now: Timestamp, verifies_until: Timestamp) -> Result<Self, WrongKeyState> {
        match self {
            Self::Active { .. } => Ok(Self::Retired { since: now, verifies_until }),
            Self::Pending | Self::Retired { .. } => Err(WrongKeyState),
        }
    }

    /// Since when it is where it is; `None` while it is pending.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Active { since } | Self::Retired { since, .. } => Some(since),
            Self::Pending => None,
        }
    }

    /// Whether it was taken out of use before what it signed had expired.
    #[must_use]
    pub fn is_revoked(self) -> bool {
        matches!(self, Self::Retired { since, verifies_until } if verifies_until <= since)
    }

    /// Whether its public part belongs in the JWKS at `now`: verifiers learn a pending key before it signs.
    #[must_use]
    pub fn is_published_at(self, now: Timestamp) -> bool {
        match self {
            Self::Active { .. } | Self::Pending => true,
            Self::Retired { verifies_until, .. } => !self.is_revoked() && now < verifies_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_only_moves_on() {
        let now = Timestamp::EPOCH;
        let active = KeyState::Pending.activate(now).unwrap();
        let retired = active.retire(now, now).unwrap();
        assert_eq!(KeyState::Pending.retire(now, now), Err(WrongKeyState));
        assert_eq!(active.activate(now), Err(WrongKeyState));
        assert_eq!(retired.activate(now), Err(WrongKeyState));
    }
    #[test]
    fn a_retired_key_verifies_for_a_while_and_a_revoked_one_never_again() {
        let [before, since, until] = [1, 2, 3].map(Timestamp::from_secs);
        let retired = KeyState::Retired { since, verifies_until: until };
        assert!(retired.is_published_at(before) && retired.is_published_at(since));
        assert!(!retired.is_published_at(until) && !retired.is_revoked());
        let revoked = KeyState::Retired { since, verifies_until: since };
        assert!(revoked.is_revoked());
        assert!(!revoked.is_published_at(before), "not even on a clock that was set back");
    }
}
