//! Who is asking: client authentication (RFC 6749 §2.3), whose success is a value that nothing else can make.
//!
//! 1. Who has failed too often is not heard, before and after the rest ([`crate::limits`]).
//! 2. What proves a server and comes from a browser is something that everybody can read: refused whoever sends it (R20).
//!    Who is named is looked up before, for the record of it.
//! 3. Nothing presented: a public client is taken at its word, a confidential one is refused (TOK-07).
//! 4. A secret is compared (`secret`), an assertion verified (`assertion`); a client is of one of the two families.
//! 5. The one authority decides whether client, secret and home company may act now.
//! 6. An assertion is used up, once and for all replicas, before anything is issued for it (RFC 7523 §3).

mod assertion;
mod assertion_claims;
mod decoy;
mod secret;

use tokenry_model::{
    Client, ClientId, ClientSecret, Company, Digest, DigestDomain, ErrorStyle, MethodFamily, SecretId,
};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::Secret;
use tokenry_protocol::token::ClientAuthentication;
use tokenry_store::ClientStanding;

use self::assertion::Offered;
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::policy::may_act::{Standing, may_act};
use crate::refusal::{Cause, Refusal};

pub(crate) use self::assertion::ALGORITHMS;
pub(crate) use self::secret::{RANDOM_SECRET_LEN, secret_from_browser};

/// Proof that a client authenticated, or that it is public and cannot; and that it may act now.
#[derive(Debug)]
pub(crate) struct AuthenticatedClient {
    client: Client,
    proof: Proof,
    home: Option<Company>,
}

/// By what a client proved itself. Made here only.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// By an assertion, which is used up.
    Assertion,
    /// By nothing: it is public.
    None,
    /// By this secret.
    Secret(SecretId),
}

impl AuthenticatedClient {
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The company that it is bound to.
    pub(crate) const fn home(&self) -> Option<&Company> {
        self.home.as_ref()
    }
}

/// What is presented, as far as it can be read without asking anyone.
enum Presented<'a> {
    Assertion(Offered<'a>),
    Nothing { client_id: Option<&'a str> },
    Secret { client_id: &'a str, secret: &'a Secret },
}

impl<'a> Presented<'a> {
    fn read(presented: &'a ClientAuthentication) -> Result<Self, Refusal> {
        Ok(match presented {
            ClientAuthentication::Assertion { client_id, assertion } => {
                Self::Assertion(Offered::read(assertion, client_id.as_deref())?)
            }
            ClientAuthentication::Basic(basic) => {
                Self::Secret { client_id: &basic.client_id, secret: &basic.client_secret }
            }
            ClientAuthentication::None { client_id } => Self::Nothing { client_id: client_id.as_deref() },
            ClientAuthentication::Post { client_id, client_secret } => {
                Self::Secret { client_id, secret: client_secret }
            }
        })
    }

    fn client_id(&self) -> Option<&str> {
        match self {
            Self::Assertion(offered) => Some(offered.client_id()),
            Self::Nothing { client_id } => *client_id,
            Self::Secret { client_id, .. } => Some(client_id),
        }
    }

    const fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Secret { secret, .. } => Some(secret),
            Self::Assertion(_) | Self::Nothing { .. } => None,
        }
    }
}

impl Engine {
    pub(crate) async fn authenticate_client(
        &self,
        presented: &ClientAuthentication,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        self.authenticate_client_again(presented, None, context).await
    }

    /// Authenticates anew a request that is decided anew because what it rests on has changed. `proven` is what came
    /// of it before: an assertion that this request used up is not used twice.
    pub(crate) async fn authenticate_client_again(
        &self,
        presented: &ClientAuthentication,
        proven: Option<&Proof>,
        context: &Context,
    ) -> Result<AuthenticatedClient, Refusal> {
        let mut known = None;
        let read = Presented::read(presented);
        let party = Party::new(read.as_ref().ok().and_then(Presented::client_id), context.address);
        let decided = match self.limits.admit(&party, context.now).and(read) {
            Ok(read) => self.check_client(read, proven, context, &mut known).await,
            Err(refusal) => Err(refusal),
        };
        self.limits.judge(&party, decided, context.now).map_err(|mut refusal| {
            if refusal.error.code == ErrorCode::InvalidClient && presented.used_header() {
                refusal.error = refusal.error.with_challenge();
            }
            let (known, style) = known.unzip();
            self.refusals.note(refusal.reason, known.as_ref(), context);
            // Who is limited is not told in words that only a client that exists has chosen.
            if refusal.cause.as_deref() != Some(&Cause::RateLimited) {
                refusal.style = style;
            }
            refusal
        })
    }

    /// Steps 2 to 6. `known` becomes the client that was named, if there is such a one, and its style.
    async fn check_client(
        &self,
        presented: Presented<'_>,
        proven: Option<&Proof>,
        context: &Context,
        known: &mut Option<(ClientId, ErrorStyle)>,
    ) -> Result<AuthenticatedClient, Refusal> {
        let id = presented.client_id().and_then(|id| ClientId::parse(id).ok());
        let digest = presented.secret().map(|secret| Digest::of(DigestDomain::ClientSecret, secret));
        let found = match &id {
            Some(id) => self.store.find_client_standing(id, digest.as_ref()).await?,
            None => None,
        };
        *known = found.as_ref().map(|found| (found.client.id.clone(), found.client.error_style));
        match presented {
            Presented::Assertion(_) if context.from_browser => Err(assertion::from_browser()),
            Presented::Assertion(offered) => self.check_assertion(found, offered, proven, context).await,
            Presented::Nothing { client_id: None } => Err(nobody()),
            Presented::Nothing { .. } => check_public(found, context),
            Presented::Secret { .. } if context.from_browser => Err(secret_from_browser()),
            Presented::Secret { secret, .. } => self.check_secret(id.as_ref(), found, secret, context).await,
        }
    }
}

fn check_public(found: Option<ClientStanding>, context: &Context) -> Result<AuthenticatedClient, Refusal> {
    let Some(found) = found else { return Err(Refusal::invalid_client("unknown_client")) };
    if found.client.auth_method.family() != MethodFamily::Public {
        return Err(Refusal::invalid_client("no_authentication"));
    }
    admit(found, None, Proof::None, context)
}

/// Step 5. `secret` is the one that proved who it is, if one did.
fn admit(
    found: ClientStanding,
    secret: Option<&ClientSecret>,
    proof: Proof,
    context: &Context,
) -> Result<AuthenticatedClient, Refusal> {
    if found.lacks_home() {
        return Err(Refusal::invalid_client("company_gone"));
    }
    let ClientStanding { client, home, .. } = found;
    let standing = Standing {
        client: Some(&client),
        client_secret: secret,
        company: home.as_ref(),
        ..Standing::default()
    };
    may_act(standing, context.now).map_err(|barred| Refusal::invalid_client(barred.reason()))?;
    Ok(AuthenticatedClient { client, proof, home })
}

/// Nobody is named.
fn nobody() -> Refusal {
    let mut refusal = Refusal::invalid_client("unknown_client");
    refusal.error = refusal.error.with_missing("client_id");
    refusal
}
