//! What a reported credential is, whose, and what ends it alone.
//!
//! | credential | what ends |
//! |---|---|
//! | personal access token | that value; the token with the last value of it that works |
//! | secret of a developer's account | that secret, and not another that it took or takes the place of |
//! | client's secret | that secret, and the tokens that it got, which may be a stranger's |
//! | refresh token, also a spent one | what the user let the client do then: its access tokens, and all that it was refreshed to |
//! | access token | that token, by its `jti`; one that is for `/userinfo` alone has nothing to end but what it came with |
//! | API's own secret | that secret |
//!
//! A JWT counts when a key of ours signed it. Imported secrets too short to be random are not found: they are kept as slow hashes, and
//! whoever tries is to pay for that. ID tokens, codes, cookies and the five-minute JWTs of sessions are not looked for.

use tokenry_model::{
    Actor, ClientId, ClientSecret, Digest, DigestDomain, Event, Leak, LeakKind, Record, SecretId, Subject,
    TokenFamily, UserId,
};
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_store::{LeakedCredential, ReportLeak, RevokedToken};

use super::{HOUR, MAX_ENDED, MAX_ENDED_OF_USER};
use crate::access_token::AccessToken;
use crate::context::Context;
use crate::engine::Engine;
use crate::own::standing_of;
use crate::policy::may_act::{Standing, may_act};
use crate::refusal::Refusal;

/// What a text is.
pub(super) enum Found {
    /// A credential that works, and what there is to do about it.
    Alive(Box<ReportLeak>),
    /// One that works no more.
    Dead,
    /// None of ours.
    Nothing,
}

impl Engine {
    /// Finds what somebody has reported, by its form.
    pub(super) async fn find_leak(&self, token: &Secret, context: &Context) -> Result<Found, Refusal> {
        match shape(&self.settings.brand, token.expose()) {
            Shape::BadChecksum => Ok(Found::Nothing),
            Shape::Branded(kind) => match kind {
                SecretKind::AccountSecret => self.find_leaked_account_secret(token, context).await,
                SecretKind::ClientSecret => self.find_leaked_client_secret(token, context).await,
                SecretKind::PersonalAccessToken => self.find_leaked_pat(token, context).await,
                SecretKind::RefreshToken => self.find_leaked_refresh_token(token, context).await,
                SecretKind::ResourceServerSecret => self.find_leaked_api_secret(token, context).await,
            },
            Shape::Foreign => match self.find_access_token(token, context.now).await? {
                Some(found) => self.judge_access_token(found, token, context).await,
                // One that was brought along from elsewhere has any form.
                None => self.find_leaked_client_secret(token, context).await,
            },
        }
    }

    async fn find_leaked_pat(&self, token: &Secret, context: &Context) -> Result<Found, Refusal> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, token);
        let Some(found) = self.store.find_pat_by_value(&digest).await? else { return Ok(Found::Nothing) };
        let standing = Standing { token: Some(standing_of(&found)), ..Standing::default() };
        if may_act(standing, context.now).is_err() {
            return Ok(Found::Dead);
        }
        let user = &found.pat.user_id;
        let subject = Subject::User(user.clone());
        let record = Record { company: found.pat.company_id, ..record(context, subject) };
        let record = record.with("pat", found.pat.id.as_str());
        let name = (LeakKind::Pat, found.value.jti.as_str());
        let whose = Whose { client: None, user: Some(user) };
        Ok(alive(name, &found.value.last4, LeakedCredential::PatValue(digest), whose, record))
    }

    async fn find_leaked_account_secret(&self, secret: &Secret, context: &Context) -> Result<Found, Refusal> {
        let digest = Digest::of(DigestDomain::AccountSecret, secret);
        let Some(found) = self.store.find_account_secret(&digest).await? else { return Ok(Found::Nothing) };
        let found = found.secret;
        if found.expires_at.is_some_and(|end| end <= context.now) {
            return Ok(Found::Dead);
        }
        let record = record(context, Subject::User(found.user_id.clone()));
        let record = record.with("secret", found.id.as_str());
        let name = (LeakKind::AccountSecret, found.id.as_str());
        let ended = LeakedCredential::AccountSecret(digest);
        let whose = Whose { client: None, user: Some(&found.user_id) };
        Ok(alive(name, &found.last4, ended, whose, record))
    }

    async fn find_leaked_client_secret(&self, secret: &Secret, context: &Context) -> Result<Found, Refusal> {
        let digest = Digest::of(DigestDomain::ClientSecret, secret);
        let Some(found) = self.store.find_client_secret(&digest).await? else { return Ok(Found::Nothing) };
        if !found.works_at(context.now) {
            return Ok(Found::Dead);
        }
        let ClientSecret { id, client_id, last4, .. } = found;
        let client = self.store.find_client(&client_id).await?;
        let home = client.and_then(|client| client.binding.home().cloned());
        let record = Record { company: home, ..record(context, Subject::Secret(id.clone())) };
        let record = record.with("client", client_id.as_str());
        let name = (LeakKind::ClientSecret, id.as_str());
        let ended = LeakedCredential::ClientSecret { client_id: client_id.clone(), id: id.clone() };
        Ok(alive(name, &last4, ended, Whose { client: Some(&client_id), user: None }, record))
    }

    async fn find_leaked_api_secret(&self, secret: &Secret, context: &Context) -> Result<Found, Refusal> {
        let digest = Digest::of(DigestDomain::ResourceServerSecret, secret);
        let found = self.store.find_resource_server_secret(&digest).await?;
        let Some(found) = found else { return Ok(Found::Nothing) };
        if !found.works_at(context.now) {
            return Ok(Found::Dead);
        }
        let id: SecretId = found.id;
        let record = record(context, Subject::Secret(id.clone()));
        let record = record.with("api", found.resource_server_id.as_str());
        let ended =
            LeakedCredential::ApiSecret { resource_server_id: found.resource_server_id, id: id.clone() };
        let (name, whose) = ((LeakKind::ApiSecret, id.as_str()), Whose { client: None, user: None });
        Ok(alive(name, &found.last4, ended, whose, record))
    }

    async fn find_leaked_refresh_token(&self, token: &Secret, context: &Context) -> Result<Found, Refusal> {
        let digest = Digest::of(DigestDomain::RefreshToken, token);
        // What was spent says that what came of it may be somebody else's. With its family gone it is not found at all.
        let Some((_token, family)) = self.store.find_refresh_token(&digest).await? else {
            return Ok(Found::Nothing);
        };
        Ok(self.judge_family(family, (LeakKind::RefreshToken, token.last4()), context))
    }

    fn judge_family(&self, family: TokenFamily, leaked: (LeakKind, &str), context: &Context) -> Found {
        if family.expires_at <= context.now {
            return Found::Dead;
        }
        let TokenFamily { handle, client_id, user_id, tenant, .. } = family;
        let company = tenant.map(|tenant| tenant.company);
        let record = Record { company, ..record(context, Subject::User(user_id.clone())) };
        let record = record.with("token", handle.as_str());
        let (kind, last4) = leaked;
        let whose = Whose { client: Some(&client_id), user: Some(&user_id) };
        alive((kind, handle.as_str()), last4, LeakedCredential::Family(handle.clone()), whose, record)
    }

    async fn judge_access_token(
        &self,
        token: AccessToken,
        presented: &Secret,
        context: &Context,
    ) -> Result<Found, Refusal> {
        if self.living(&token, context.now).await?.is_none() {
            return Ok(Found::Dead);
        }
        // The end of a JWT is the end of a signature: it tells its owner nothing.
        let last4 = if presented.expose().contains('.') { "" } else { presented.last4() };
        let Some(api) = token.resource_server else {
            let family = self.store.find_token_family(&token.handle).await?;
            let leaked = (LeakKind::AccessToken, last4);
            return Ok(family.map_or(Found::Dead, |family| self.judge_family(family, leaked, context)));
        };
        let subject = match &token.user {
            Some(user) => Subject::User(user.clone()),
            None => Subject::Token(token.jti.clone()),
        };
        let record = Record { company: token.company, ..record(context, subject) };
        let record = record.with("token", token.jti.as_str()).with("audience", api.audience);
        let ended = RevokedToken {
            jti: token.jti.clone(),
            resource_server_id: api.id,
            client_id: token.client_id.clone(),
            expires_at: token.expires_at,
            revoked_at: context.now,
        };
        let named = (LeakKind::AccessToken, token.jti.as_str());
        let whose = Whose { client: Some(&token.client_id), user: token.user.as_ref() };
        Ok(alive(named, last4, LeakedCredential::AccessToken(ended), whose, record))
    }
}

/// Whose a credential is.
#[derive(Clone, Copy)]
struct Whose<'a> {
    /// The client whose it is, or to which it was issued.
    client: Option<&'a ClientId>,
    /// The user who is told.
    user: Option<&'a UserId>,
}

fn alive(
    (kind, name): (LeakKind, &str),
    last4: &str,
    credential: LeakedCredential,
    whose: Whose<'_>,
    record: Record,
) -> Found {
    let leak = Leak {
        id: format!("{kind}:{name}"),
        kind,
        last4: last4.to_owned(),
        revoked: false,
        reported_at: record.at,
    };
    let record = match whose {
        // Among what happened to the account the application is named.
        Whose { client: Some(client), user: Some(_) } => record.with("client", client.as_str()),
        _ => record,
    };
    Found::Alive(Box::new(ReportLeak {
        leak,
        credential,
        client_id: whose.client.cloned(),
        user_id: whose.user.cloned(),
        most: MAX_ENDED,
        most_of_user: MAX_ENDED_OF_USER,
        within: HOUR,
        record: record.with("kind", kind.as_str()).with("last4", last4),
    }))
}

/// Whoever reports leaves no address: the owner of an account would read it.
fn record(context: &Context, subject: Subject) -> Record {
    context.record(Event::CredentialLeaked, Actor::Anonymous, Some(subject))
}
