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
    pub const fn retire(self, now: Timestamp) -> Result<Self, WrongKeyState> {
        match self {
            Self::Active { .. } => Ok(Self::Retired { since: now }),
            Self::Pending | Self::Retired { .. } => Err(WrongKeyState),
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
        let retired = active.retire(now).unwrap();
        assert_eq!(KeyState::Pending.retire(now), Err(WrongKeyState));
        assert_eq!(active.activate(now), Err(WrongKeyState));
        assert_eq!(retired.activate(now), Err(WrongKeyState));
    }
}
