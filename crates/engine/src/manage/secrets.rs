//! Secrets of clients and APIs: made by us and shown once, or imported as they are.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    ClientId, ClientSecret, Digest, DigestDomain, Event, MethodFamily, ResourceServerSecret, SecretId,
    SecretVerifier, Subject,
};
use tokenry_protocol::secret::{Secret, SecretKind, Shape, issue, shape};
use tokenry_store::{Announced, RevokeSecret};
use zeroize::Zeroizing;

use super::error::Error;
use super::text::{check_text, composed};
use super::{MAX_SECRET_TTL, Manager, check_lifetime};
use crate::client_auth::RANDOM_SECRET_LEN;
use crate::slow_hash::hash_secret;

/// How long an imported secret may be.
const MAX_SECRET_LEN: usize = 1_024;
/// The shortest secret that may be imported: anything shorter is guessed however slowly it is hashed.
const MIN_SECRET_LEN: usize = 8;

/// A secret to be added.
#[derive(Clone, Debug, Default)]
pub struct NewSecret {
    /// For people: which deployment uses it.
    pub label: String,
    /// How long it works; `None`: until it is revoked.
    pub expires_in: Option<Duration>,
    /// Ends every other secret of the client after this time: rotation with overlap.
    pub overlap: Option<Duration>,
    /// A secret brought along from elsewhere; `None`: a random one is made.
    pub imported: Option<Secret>,
}

impl Manager {
    /// Adds a secret to a client. It works for the next request; the value is returned once.
    ///
    /// # Errors
    /// When the client does not exist, holds no secrets, or has too many; or an imported secret cannot be taken.
    pub async fn add_client_secret(
        &self,
        client: &str,
        new: NewSecret,
    ) -> Result<(ClientSecret, Secret), Error> {
        let client = self.client(client).await?;
        if client.auth_method.family() != MethodFamily::Secret {
            let problem = format!("a client that authenticates by {} holds no secret", client.auth_method);
            return Err(Error::invalid("client", problem));
        }
        let now = self.clock.now();
        let overlap_until = new.overlap.map(|overlap| now.plus(overlap));
        let (stored, shown) = self.make_secret(&client.id, new, now)?;
        self.refuse_second_guessable(&stored).await?;
        let record = self
            .record_of(&client, now, Event::SecretAdded, Subject::Secret(stored.id.clone()))
            .with("client", client.id.as_str());
        self.store
            .add_client_secret(&stored, overlap_until, &[record])
            .await
            .map_err(|error| Error::from_store(error, "client", &client.id))?;
        Ok((stored, shown))
    }

    /// A guess costs one slow hash, whether or not there is such a client. A second secret to compare with would tell.
    async fn refuse_second_guessable(&self, new: &ClientSecret) -> Result<(), Error> {
        let guessable = |secret: &ClientSecret| matches!(secret.verifier, SecretVerifier::Argon2id(_));
        if !guessable(new) {
            return Ok(());
        }
        let others = self.store.list_client_secrets(&new.client_id).await.map_err(Error::Store)?;
        if others.iter().any(|other| guessable(other) && other.works_at(new.created_at)) {
            let problem = format!(
                "the client has a working secret of fewer than {RANDOM_SECRET_LEN} characters already; \
                 revoke it first, or let Tokenry make one"
            );
            return Err(Error::invalid("secret-file", problem));
        }
        Ok(())
    }

    /// A client's secrets, never their values.
    ///
    /// # Errors
    /// When the client does not exist.
    pub async fn client_secrets(&self, client: &str) -> Result<Vec<ClientSecret>, Error> {
        let client = self.client(client).await?;
        self.store.list_client_secrets(&client.id).await.map_err(Error::Store)
    }

    /// Revokes a client's secret: it is refused from the next request on, and so are the tokens that it got. Revoking
    /// again changes nothing. Tells what guards must learn.
    ///
    /// # Errors
    /// When the client or the secret does not exist.
    pub async fn revoke_client_secret(&self, client: &str, secret: &str) -> Result<Announced, Error> {
        let client = self.client(client).await?;
        let not_found = || Error::not_found("secret", secret);
        let id = SecretId::parse(secret).map_err(|_invalid| not_found())?;
        let now = self.clock.now();
        let record = self
            .record_of(&client, now, Event::SecretRevoked, Subject::Secret(id.clone()))
            .with("client", client.id.as_str());
        let revoked = self.store.revoke_client_secret(&client.id, &id, now, &[record]).await;
        match revoked.map_err(Error::Store)? {
            RevokeSecret::AlreadyRevoked => self.announced_so_far().await,
            RevokeSecret::Revoked { announced } => Ok(announced),
            RevokeSecret::NotFound => Err(not_found()),
        }
    }

    /// Adds a secret to an API's own credential. The value is returned once.
    ///
    /// # Errors
    /// When the API does not exist.
    pub async fn add_api_secret(
        &self,
        api: &str,
        new: NewSecret,
    ) -> Result<(ResourceServerSecret, Secret), Error> {
        let api = self.api(api).await?;
        check_new(&new)?;
        let now = self.clock.now();
        let secret = match new.imported {
            Some(secret) => self.checked(secret, SecretKind::ResourceServerSecret)?,
            None => self.random_secret(SecretKind::ResourceServerSecret),
        };
        let stored = ResourceServerSecret {
            id: SecretId::generate(now, &*self.rng),
            resource_server_id: api.id.clone(),
            digest: Digest::of(DigestDomain::ResourceServerSecret, &secret),
            label: composed(&new.label),
            last4: secret.last4().to_owned(),
            created_at: now,
            expires_at: new.expires_in.map(|lifetime| now.plus(lifetime)),
            revoked_at: None,
            last_used_at: None,
        };
        let record = self
            .record(now, Event::ApiSecretAdded, Subject::Secret(stored.id.clone()))
            .with("api", api.id.as_str());
        self.store
            .add_resource_server_secret(&stored, new.overlap.map(|overlap| now.plus(overlap)), &[record])
            .await
            .map_err(|error| Error::from_store(error, "API", &api.id))?;
        Ok((stored, secret))
    }

    /// An API's own secrets, never their values.
    ///
    /// # Errors
    /// When the API does not exist.
    pub async fn api_secrets(&self, api: &str) -> Result<Vec<ResourceServerSecret>, Error> {
        let api = self.api(api).await?;
        self.store.list_resource_server_secrets(&api.id).await.map_err(Error::Store)
    }

    /// Revokes an API's own secret: it is refused from the next request on. Revoking again changes nothing.
    ///
    /// # Errors
    /// When the API or the secret does not exist.
    pub async fn revoke_api_secret(&self, api: &str, secret: &str) -> Result<(), Error> {
        let api = self.api(api).await?;
        let not_found = || Error::not_found("secret", secret);
        let id = SecretId::parse(secret).map_err(|_invalid| not_found())?;
        let now = self.clock.now();
        let record = self
            .record(now, Event::ApiSecretRevoked, Subject::Secret(id.clone()))
            .with("api", api.id.as_str());
        let revoked = self.store.revoke_resource_server_secret(&api.id, &id, now, &[record]).await;
        match revoked.map_err(Error::Store)? {
            RevokeSecret::AlreadyRevoked | RevokeSecret::Revoked { .. } => Ok(()),
            RevokeSecret::NotFound => Err(not_found()),
        }
    }

    /// What is stored of a new secret, and what is shown of it.
    pub(super) fn make_secret(
        &self,
        client: &ClientId,
        new: NewSecret,
        now: Timestamp,
    ) -> Result<(ClientSecret, Secret), Error> {
        check_new(&new)?;
        let secret = match new.imported {
            Some(secret) => self.checked(secret, SecretKind::ClientSecret)?,
            None => self.random_secret(SecretKind::ClientSecret),
        };
        let ours = matches!(shape(&self.brand, secret.expose()), Shape::Branded(_));
        let verifier = if secret.len() < RANDOM_SECRET_LEN {
            SecretVerifier::Argon2id(hash_secret(&secret, &*self.rng))
        } else {
            SecretVerifier::Digest(Digest::of(DigestDomain::ClientSecret, &secret))
        };
        let stored = ClientSecret {
            id: SecretId::generate(now, &*self.rng),
            client_id: client.clone(),
            verifier,
            label: composed(&new.label),
            // Four characters of a text that somebody chose say too much of it.
            last4: if ours { secret.last4().to_owned() } else { String::new() },
            created_at: now,
            expires_at: new.expires_in.map(|lifetime| now.plus(lifetime)),
            revoked_at: None,
            last_used_at: None,
        };
        Ok((stored, secret))
    }

    fn random_secret(&self, kind: SecretKind) -> Secret {
        let mut entropy = Zeroizing::new([0; 32]);
        self.rng.fill(entropy.as_mut_slice());
        issue(&self.brand, kind, &entropy)
    }

    /// A secret brought along: one of ours of the right kind, or for a client any text that is not too easy to guess.
    fn checked(&self, secret: Secret, kind: SecretKind) -> Result<Secret, Error> {
        let problem = match shape(&self.brand, secret.expose()) {
            Shape::Branded(found) if found == kind => return Ok(secret),
            Shape::BadChecksum | Shape::Branded(_) => {
                format!(
                    "a secret that begins with {}_ must be one of ours, whole and of the right kind",
                    self.brand
                )
            }
            Shape::Foreign if kind != SecretKind::ClientSecret => {
                "an API's secret is made by Tokenry".to_owned()
            }
            Shape::Foreign if !(MIN_SECRET_LEN..=MAX_SECRET_LEN).contains(&secret.len()) => {
                format!("an imported secret has {MIN_SECRET_LEN} to {MAX_SECRET_LEN} bytes")
            }
            Shape::Foreign if secret.expose().chars().any(char::is_control) => {
                "an imported secret has no line breaks or other control characters".to_owned()
            }
            Shape::Foreign => return Ok(secret),
        };
        Err(Error::invalid("secret-file", problem))
    }
}

fn check_new(new: &NewSecret) -> Result<(), Error> {
    check_text("label", &new.label)?;
    check_lifetime("expires", new.expires_in, MAX_SECRET_TTL)?;
    check_lifetime("overlap", new.overlap, MAX_SECRET_TTL)
}
