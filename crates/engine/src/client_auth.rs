//! Who is asking: client authentication (RFC 6749 §2.3), whose success is a value that nothing else can make.
//!
//! 1. A secret that a browser sends is one that everybody can read: refused whoever sends it (R20).
//! 2. No secret: a public client is taken at its word, a confidential one is refused (TOK-07).
//! 3. A secret of our brand with a wrong checksum is no secret of ours.
//! 4. The client and its secrets are read, whether or not there is such a client: both cost the same (TOK-03).
//! 5. The presented secret's digest is compared with every one, in constant time.
//! 6. A presented secret short enough to be guessed costs one slow hash, whether or not there is one to compare with.
//! 7. The client must be of the family that authenticates by secret.
//! 8. The one authority decides whether client, secret and home company may act now.

use tokenry_model::{
    Client, ClientId, ClientSecret, Company, Digest, DigestDomain, MethodFamily, SecretId, SecretVerifier,
};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_protocol::token::ClientAuthentication;

use crate::context::Context;
use crate::engine::Engine;
use crate::policy::may_act::{Standing, may_act};
use crate::refusal::Refusal;

/// Imported secrets at least this long are taken for random and kept as a digest; shorter ones are hashed slowly.
pub(crate) const RANDOM_SECRET_LEN: usize = 32;

/// Proof that a client authenticated, or that it is public and cannot; and that it may act now.
#[derive(Debug)]
pub(crate) struct AuthenticatedClient {
    client: Client,
    secret: Option<SecretId>,
    home: Option<Company>,
}

impl AuthenticatedClient {
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The secret that it proved itself with; `None` for a public client.
    pub(crate) const fn secret(&self) -> Option<&SecretId> {
        self.secret.as_ref()
    }

    /// The company that it is bound to.
    pub(crate) const fn home(&self) -> Option<&Company> {
        self.home.as_ref()
    }
}

impl Engine {
    pub(crate) async fn authenticate_client(
        &self,
        presented: &ClientAuthentication,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let (client_id, secret) = match presented {
            ClientAuthentication::Basic(basic) => {
                (Some(basic.client_id.as_str()), Some(&basic.client_secret))
            }
            ClientAuthentication::None { client_id } => (client_id.as_deref(), None),
            ClientAuthentication::Post { client_id, client_secret } => {
                (Some(client_id.as_str()), Some(client_secret))
            }
        };
        let id = client_id.and_then(|id| ClientId::parse(id).ok());
        let found = match &id {
            Some(id) => self.store.find_client(id).await?,
            None => None,
        };
        let known = found.as_ref().map(|client| client.id.clone());
        let decided = match secret {
            Some(_) if context.from_browser => Err(secret_from_browser()),
            Some(secret) => self.check_secret(id.as_ref(), found, secret, context).await,
            None => self.check_public(found, context).await,
        };
        decided.map_err(|mut refusal| {
            if refusal.error.code == ErrorCode::InvalidClient && presented.used_header() {
                refusal.error = refusal.error.with_challenge();
            }
            self.refusals.note(refusal.reason, known.as_ref(), context.address, &context.request_id);
            refusal
        })
    }

    /// Steps 3 to 8.
    async fn check_secret(
        &self,
        id: Option<&ClientId>,
        client: Option<Client>,
        presented: &Secret,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let shape = shape(&self.settings.brand, presented.expose());
        if !matches!(shape, Shape::Branded(SecretKind::ClientSecret) | Shape::Foreign) {
            return Err(Refusal::invalid_client("malformed_secret"));
        }
        let secrets = match id {
            Some(id) => self.store.list_client_secrets(id).await?,
            None => Vec::new(),
        };
        let mut matched = find_by_digest(&secrets, presented);
        if matched.is_none() && matches!(shape, Shape::Foreign) && presented.len() < RANDOM_SECRET_LEN {
            matched = self.find_by_slow_hash(&secrets, presented, context).await?;
        }
        let Some(client) = client else { return Err(Refusal::invalid_client("unknown_client")) };
        let Some(secret) = matched else { return Err(Refusal::invalid_client("wrong_secret")) };
        if client.auth_method.family() != MethodFamily::Secret {
            return Err(Refusal::invalid_client("wrong_authentication_method"));
        }
        let authenticated = self.may_act(client, Some(secret), context).await?;
        self.usage.note(&secret.id, secret.last_used_at, context.now);
        Ok(authenticated)
    }

    async fn check_public(
        &self,
        client: Option<Client>,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let Some(client) = client else { return Err(Refusal::invalid_client("unknown_client")) };
        if client.auth_method.family() != MethodFamily::Public {
            return Err(Refusal::invalid_client("no_authentication"));
        }
        self.may_act(client, None, context).await
    }

    /// Step 8.
    async fn may_act(
        &self,
        client: Client,
        secret: Option<&ClientSecret>,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let home = match client.binding.home() {
            Some(id) => {
                let found = self.store.find_company(id).await?;
                Some(found.ok_or_else(|| Refusal::invalid_client("company_gone"))?)
            }
            None => None,
        };
        let standing = Standing {
            client: Some(&client),
            client_secret: secret,
            company: home.as_ref(),
            ..Standing::default()
        };
        may_act(standing, context.now).map_err(|barred| Refusal::invalid_client(barred.reason()))?;
        let secret = secret.map(|secret| secret.id.clone());
        Ok(AuthenticatedClient { client, secret, home })
    }

    async fn find_by_slow_hash<'a>(
        &self,
        secrets: &'a [ClientSecret],
        presented: &Secret,
        context: &Context,
    ) -> Result<Option<&'a ClientSecret>, Refusal> {
        let mut matched = None;
        let mut compared = false;
        // What has ended is not compared with: a guess must not cost more for every rotation there ever was.
        for secret in secrets.iter().filter(|secret| secret.works_at(context.now)) {
            if let SecretVerifier::Argon2id(stored) = &secret.verifier {
                compared = true;
                if self.slow_hash.verify(presented, Some(stored)).await.map_err(busy)? {
                    matched = Some(secret);
                }
            }
        }
        if !compared {
            self.slow_hash.verify(presented, None).await.map_err(busy)?;
        }
        Ok(matched)
    }
}

pub(crate) fn secret_from_browser() -> Refusal {
    let text = "A client secret must not be used from a browser.";
    Refusal::new(ErrorCode::InvalidRequest, "secret_from_browser", text)
}

fn busy(_busy: crate::slow_hash::Busy) -> Refusal {
    Refusal::unavailable("slow_hash_lane_full")
}

/// Compares with every digest, so that the time taken tells nothing of which matched.
fn find_by_digest<'a>(secrets: &'a [ClientSecret], presented: &Secret) -> Option<&'a ClientSecret> {
    let presented = Digest::of(DigestDomain::ClientSecret, presented);
    let mut matched = None;
    for secret in secrets {
        if let SecretVerifier::Digest(digest) = &secret.verifier
            && digest.matches(&presented)
        {
            matched = Some(secret);
        }
    }
    matched
}
