//! A client's assertion: a JWT that it signed with a key of its own (RFC 7523 §2.2, §3, OpenID Connect Core §9).
//!
//! 1. It is framed like one of ours could be, and says whose it is; a `client_id` beside it says the same (RFC 7521 §4.2).
//! 2. The client authenticates this way, and no other (TOK-08).
//! 3. The key is the client's, by `kid` or because it is the only one, and bound to the algorithm (RFC 8725 §3.1).
//! 4. It is no token of another kind (RFC 8725 §3.11), and the signature verifies.
//! 5. Its claims are for us, now, and not for long.
//! 6. The one authority decides whether client and home company may act now.
//! 7. It is used for the first time, by whichever replica: the only write, and only the client itself gets as far.
//!
//! Whatever fails up to step 4 costs one verification, with a key of nobody's if there is no other (PEER-20).

use tokenry_jose::{Algorithm, Error as JoseError, Expectations, Header, Unverified, Verified, VerifyingKey};
use tokenry_model::{Digest, DigestDomain, MethodFamily};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::Secret;
use tokenry_store::{ClientStanding, UseAssertion};

use super::assertion_claims::{Accepted, Unfit, check};
use super::{AuthenticatedClient, Proof, admit, decoy};
use crate::client_keys::choose;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// The longest assertion that is looked at: one signed with RSA of 8192 bits has two kilobytes.
const MAX_LEN: usize = 8 * 1024;

/// What clients may sign with.
pub(crate) const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

/// `typ` is usually absent or `JWT`; the third is of draft-ietf-oauth-rfc7523bis. None of our tokens has one of them but
/// ID tokens, whose issuer is no client.
const EXPECTED: Expectations<'_> =
    Expectations { algorithms: &ALGORITHMS, typ: &["", "JWT", "client-authentication+jwt"] };

/// An assertion of which nothing is proven yet.
pub(super) struct Offered<'a> {
    jwt: Unverified<'a>,
    client_id: String,
    /// The parameter `client_id`.
    beside: Option<&'a str>,
}

impl<'a> Offered<'a> {
    /// The first half of step 1.
    pub(super) fn read(assertion: &'a Secret, beside: Option<&'a str>) -> Result<Self, Refusal> {
        let malformed = |_| Refusal::invalid_client("malformed_assertion");
        let jwt = Unverified::parse(assertion.expose(), MAX_LEN).map_err(malformed)?;
        let claims = jwt.claimed().map_err(malformed)?;
        match claims.get("sub").and_then(serde_json::Value::as_str) {
            Some(client_id) => Ok(Self { client_id: client_id.to_owned(), jwt, beside }),
            None => Err(Refusal::invalid_client(Unfit::Claim.reason())),
        }
    }

    /// Who it says it is of.
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl Engine {
    /// Steps 2 to 7, the rest of step 1 among them.
    pub(super) async fn check_assertion(
        &self,
        found: Option<ClientStanding>,
        offered: Offered<'_>,
        proven: Option<&Proof>,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let (found, key) = match self.find_key(found, &offered, context).await {
            Ok(found) => found,
            Err(reason) => {
                decoy::verify(offered.jwt);
                return Err(Refusal::invalid_client(reason));
            }
        };
        let accepted = verify(offered.jwt, &key)
            .and_then(|verified| {
                let claims = verified.claims().map_err(|_| Unfit::Claim.reason())?;
                check(&claims, found.client.id.as_str(), &self.settings.issuer, context.now)
                    .map_err(Unfit::reason)
            })
            .map_err(Refusal::invalid_client)?;
        let authenticated = admit(found, None, Proof::Assertion, context)?;
        if !matches!(proven, Some(Proof::Assertion)) {
            self.use_up(&authenticated, &accepted).await?;
        }
        Ok(authenticated)
    }

    /// Steps 2 and 3; or the reason why there is no key to verify with.
    async fn find_key(
        &self,
        found: Option<ClientStanding>,
        offered: &Offered<'_>,
        context: &Context,
    ) -> Result<(ClientStanding, VerifyingKey), &'static str> {
        let found = found.ok_or("unknown_client")?;
        let client = &found.client;
        if offered.beside.is_some_and(|beside| beside != offered.client_id) {
            return Err("assertion_of_another_client");
        }
        if client.auth_method.family() != MethodFamily::Assertion {
            return Err("wrong_authentication_method");
        }
        let Header { alg, kid, .. } = offered.jwt.header();
        let keys = self.client_keys(client, kid.as_deref(), context.now).await;
        let keys = keys.ok_or("client_keys_unavailable")?;
        let jwk = choose(&keys, kid.as_deref()).ok_or("assertion_key_unknown")?;
        if jwk.algorithm() != *alg {
            return Err("assertion_algorithm_wrong");
        }
        let key = VerifyingKey::from_jwk(jwk).map_err(|_| "assertion_key_unknown")?;
        Ok((found, key))
    }

    /// Step 7.
    async fn use_up(&self, client: &AuthenticatedClient, accepted: &Accepted) -> Result<(), Refusal> {
        let jti = Digest::of(DigestDomain::AssertionId, &Secret::new(accepted.jti.clone()));
        match self.store.use_assertion(&client.client.id, &jti, accepted.ends_at).await? {
            UseAssertion::First => Ok(()),
            UseAssertion::Replay => Err(Refusal::invalid_client("assertion_replayed")),
        }
    }
}

/// The one verification that an assertion costs.
pub(super) fn verify_by(jwt: Unverified<'_>, key: &VerifyingKey) -> Result<Verified, JoseError> {
    tracing::trace!("signature check");
    jwt.verify(key, &EXPECTED)
}

/// Step 4.
fn verify(jwt: Unverified<'_>, key: &VerifyingKey) -> Result<Verified, &'static str> {
    verify_by(jwt, key).map_err(|error| match error {
        JoseError::AlgorithmMismatch | JoseError::AlgorithmNotExpected => "assertion_algorithm_wrong",
        JoseError::Typ => Unfit::Kind.reason(),
        _ => "assertion_signature_wrong",
    })
}

pub(super) fn from_browser() -> Refusal {
    let text = "A client's private key must not be used from a browser.";
    Refusal::new(ErrorCode::InvalidRequest, "assertion_from_browser", text)
}
