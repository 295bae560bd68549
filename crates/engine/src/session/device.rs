//! The browser that somebody signs in with, known again by a cookie that opens nothing.
//!
//! What it says is random and kept as a digest for each user who signs in there. It is not sealed: nobody can make up a value that
//! is known, and one that was sealed would be forgotten with the key, so that all were told of a new browser at once.

use std::fmt;
use std::time::Duration;

use tokenry_model::{Digest, DigestDomain, Rng, SessionId, UserId, random_base62};
use tokenry_protocol::secret::Secret;
use tokenry_store::{FirstDevice, SeenDevice};

use crate::context::Context;
use crate::engine::Engine;
use crate::mail::{About, session_page};
use crate::sign_in::ProvenUser;

/// 43 characters of base62 are 256 bits.
const LEN: usize = 43;
/// The cookie's name.
pub const DEVICE_COOKIE: &str = "__Host-tokenry_device";
/// How long a browser keeps it after each sign-in, and how long we know one that was not seen: what browsers keep at the most.
pub const DEVICE_TTL: Duration = Duration::from_secs(400 * 86_400);

/// A browser, by what its cookie says.
pub struct Device {
    value: Secret,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").finish_non_exhaustive()
    }
}

impl Device {
    /// The one that a cookie names; one of a new name where there is no such cookie, or it is none of ours.
    pub(crate) fn named(cookie: Option<&str>, rng: &dyn Rng) -> Self {
        let ours = |text: &&str| text.len() == LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let value = cookie.filter(ours).map_or_else(|| random_base62(rng, LEN), str::to_owned);
        Self { value: Secret::new(value) }
    }

    /// What the cookie says from now on.
    #[must_use]
    pub const fn cookie(&self) -> &Secret {
        &self.value
    }

    /// What is stored of it for a user: of two users of one browser nobody can tell.
    pub(super) fn digest(&self, user: &UserId) -> Digest {
        Digest::of(DigestDomain::Device, &Secret::new(format!("{user}\0{}", self.value.expose())))
    }
}

impl Engine {
    /// The browser of a request, by its cookie.
    #[must_use]
    pub fn device(&self, cookie: Option<&str>) -> Device {
        Device::named(cookie, &*self.rng)
    }

    /// The browser as that of whoever has proven to be somebody, and what tells them of it if it is new.
    pub(super) fn seen(
        &self,
        device: &Device,
        proven: &ProvenUser,
        session: &SessionId,
        context: &Context,
    ) -> SeenDevice {
        let page = session_page(self.issuer(), session);
        let mail = self.notice_with_link(About::NewDevice, page, context);
        let first = if proven.knows_password() { FirstDevice::Silent } else { FirstDevice::Told };
        SeenDevice { digest: device.digest(&proven.user().id), mail, first }
    }
}
