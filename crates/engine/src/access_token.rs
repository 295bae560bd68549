//! What a presented access token is, whoever presents it: a JWT of ours, an opaque token of ours, or nothing to us.
//!
//! 1. A JWT is ours if a key of ours signed it that still verifies ([`crate::own_jwt`]).
//! 2. It is an access token, for this issuer, for one API that exists or for `/userinfo`, under a handle (RFC 9068 §4).
//! 3. An opaque token is found by its digest.
//! 4. Either lives while neither it nor anything that it hangs on has ended: the one authority decides.
//!
//! What else it says is read only for those who may see it.

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientId, CompanyId, OpaqueToken, ResourceServer, Tenant, TokenHandle, User, UserId,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;
use tokenry_store::ClientStanding;

use crate::engine::Engine;
use crate::mint::user::audiences;
use crate::mint::{check_claims, own_claims};
use crate::policy::may_act::{Standing, TokenStanding, may_act};
use crate::refusal::Refusal;
use crate::settings::Settings;

/// An access token that this server issued; whether it still lives is another question.
#[derive(Debug)]
pub(crate) struct AccessToken {
    pub(crate) jti: String,
    pub(crate) handle: TokenHandle,
    pub(crate) client_id: ClientId,
    /// `None`: it is for `/userinfo` alone.
    pub(crate) resource_server: Option<ResourceServer>,
    pub(crate) audiences: Vec<String>,
    pub(crate) subject: String,
    /// The user who let the client have it; `None`: it is the client's own.
    pub(crate) user: Option<UserId>,
    /// When that user proved to be who they are, in seconds, and the session in which.
    pub(crate) session: Option<(i64, String)>,
    pub(crate) scope: Scope,
    pub(crate) company: Option<CompanyId>,
    pub(crate) own: Own,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Who acts by an access token that lives.
#[derive(Debug)]
pub(crate) struct Living {
    pub(crate) client: Client,
    /// `None`: the client acts for itself.
    pub(crate) user: Option<User>,
}

/// What stands under the namespace.
#[derive(Debug)]
pub(crate) enum Own {
    /// What a JWT says.
    Said(Option<Value>),
    /// For an opaque token the tenant that it was issued for, and the claims that its client has now.
    Stored(Option<Tenant>),
}

impl Own {
    /// The claims under the namespace of a token of `client`'s.
    ///
    /// # Errors
    /// When the client's own claims cannot be told.
    pub(crate) fn claims(self, client: &Client) -> Result<Option<Value>, Refusal> {
        match self {
            Self::Said(claims) => Ok(claims),
            Self::Stored(tenant) => {
                check_claims(client)?;
                Ok(own_claims(tenant.as_ref(), &client.claims))
            }
        }
    }
}

impl Engine {
    /// Steps 1 to 3. `None`: no access token of ours.
    pub(crate) async fn find_access_token(
        &self,
        presented: &Secret,
        now: Timestamp,
    ) -> Result<Option<AccessToken>, Refusal> {
        if presented.expose().contains('.') {
            return self.read_jwt(presented, now).await;
        }
        match OpaqueToken::digest_of(presented) {
            Some(digest) => match self.store.find_opaque_token(&digest).await? {
                Some(token) => self.read_opaque(token).await,
                None => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// Step 4. Yields who acts by a token that lives.
    pub(crate) async fn living(
        &self,
        token: &AccessToken,
        now: Timestamp,
    ) -> Result<Option<Living>, Refusal> {
        let found = self.store.find_client_standing(&token.client_id, None).await?;
        let Some(ClientStanding { client, home, .. }) = found.filter(|found| !found.lacks_home()) else {
            return Ok(None);
        };
        // Almost every token is for the client's home.
        let (company, home) = match &token.company {
            Some(id) if home.as_ref().is_none_or(|home| home.id != *id) => {
                let Some(company) = self.store.find_company(id).await? else { return Ok(None) };
                (Some(company), home)
            }
            Some(_) => (home, None),
            None => (None, home),
        };
        let ending = self.store.find_token_ending(&token.jti, &token.handle).await?;
        let person = match &token.user {
            None => None,
            Some(id) => match self.store.find_user(id).await? {
                None => return Ok(None),
                Some(user) => Some((user, self.store.list_memberships(id).await?)),
            },
        };
        let standing = Standing {
            client: Some(&client),
            company: company.as_ref(),
            home: home.as_ref(),
            token: Some(TokenStanding { issued_at: token.issued_at, expires_at: token.expires_at, ending }),
            resource_server: token.resource_server.as_ref(),
            user: person.as_ref().map(|(user, _memberships)| user),
            memberships: person.as_ref().map(|(_user, memberships)| memberships.as_slice()),
            ..Standing::default()
        };
        let may_act = may_act(standing, now).is_ok();
        let user = person.map(|(user, _memberships)| user);
        Ok(may_act.then_some(Living { client, user }))
    }

    /// Steps 1 and 2.
    async fn read_jwt(&self, presented: &Secret, now: Timestamp) -> Result<Option<AccessToken>, Refusal> {
        let Some(jwt) = self.read_own_jwt(presented, &Dialect::TYPS, now).await? else { return Ok(None) };
        let Some(dialect) = jwt.typ.as_deref().and_then(Dialect::of_typ) else { return Ok(None) };
        let Some(claims) = Claims::read(&jwt.claims, dialect, &self.settings) else {
            return Ok(None);
        };
        let userinfo = self.userinfo_url();
        let Some(audience) = claims.audiences.iter().find(|audience| **audience != userinfo) else {
            return Ok(claims.user.is_some().then(|| claims.into_token(None)));
        };
        let found = self.store.find_resource_server_by_audience(audience).await?;
        Ok(found.map(|resource_server| claims.into_token(Some(resource_server))))
    }

    async fn read_opaque(&self, token: OpaqueToken) -> Result<Option<AccessToken>, Refusal> {
        let Some(handle) = TokenHandle::of_jti(&token.jti) else { return Ok(None) };
        let found = self.store.find_resource_server(&token.resource_server_id).await?;
        let family = self.store.find_token_family(&handle).await?;
        let user = family.as_ref().map(|family| family.user_id.clone());
        let session =
            family.map(|family| (family.auth_time.as_secs(), family.session_id.as_str().to_owned()));
        let userinfo = self.userinfo_url();
        Ok(found.map(|resource_server| AccessToken {
            handle,
            subject: match &user {
                None => resource_server.dialect.subject(token.client_id.as_str()),
                Some(user) => user.as_str().to_owned(),
            },
            audiences: match &user {
                None => vec![resource_server.audience.clone()],
                Some(_) => audiences(Some(&resource_server), &token.scope, &userinfo),
            },
            resource_server: Some(resource_server),
            user: user.clone(),
            session,
            jti: token.jti,
            client_id: token.client_id,
            scope: token.scope,
            company: token.tenant.as_ref().map(|tenant| tenant.company.clone()),
            own: Own::Stored(token.tenant),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
        }))
    }
}

/// The claims of an access token that a key of ours signed.
struct Claims<'a> {
    jti: &'a str,
    handle: TokenHandle,
    client_id: ClientId,
    audiences: Vec<&'a str>,
    subject: &'a str,
    user: Option<UserId>,
    session: Option<(i64, &'a str)>,
    scope: Scope,
    company: Option<CompanyId>,
    own: Option<&'a Value>,
    issued_at: i64,
    expires_at: i64,
}

impl<'a> Claims<'a> {
    /// `None` for whatever else our keys sign, and for another issuer's name.
    fn read(claims: &'a Map<String, Value>, dialect: Dialect, settings: &Settings) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
        if text("iss") != Some(&settings.issuer) || dialect.confused(claims).is_some() {
            return None;
        }
        let jti = text("jti")?;
        let own = claims.get(settings.namespace.as_str());
        let company = match own.and_then(|own| own.get("companyId")) {
            Some(id) => Some(CompanyId::parse(id.as_str()?).ok()?),
            None => None,
        };
        let client_id = ClientId::parse(text(dialect.form().client_claim)?).ok()?;
        // A client's id is never a user's (A3), so that `sub` alone says whose token it is.
        let user = UserId::parse(text("sub")?).ok();
        let session = match user {
            None => None,
            Some(_) => Some((seconds("auth_time")?, text("sid")?)),
        };
        Some(Self {
            jti,
            user,
            session,
            client_id,
            handle: TokenHandle::of_jti(jti)?,
            audiences: audiences_of(claims.get("aud")?)?,
            subject: text("sub")?,
            scope: scope(claims.get("scope"))?,
            company,
            own,
            issued_at: seconds("iat")?,
            expires_at: seconds("exp")?,
        })
    }

    fn into_token(self, resource_server: Option<ResourceServer>) -> AccessToken {
        AccessToken {
            jti: self.jti.to_owned(),
            handle: self.handle,
            client_id: self.client_id,
            resource_server,
            audiences: self.audiences.into_iter().map(str::to_owned).collect(),
            user: self.user,
            session: self.session.map(|(auth_time, sid)| (auth_time, sid.to_owned())),
            subject: self.subject.to_owned(),
            scope: self.scope,
            company: self.company,
            own: Own::Said(self.own.cloned()),
            issued_at: Timestamp::from_secs(self.issued_at),
            expires_at: Timestamp::from_secs(self.expires_at),
        }
    }
}

/// One name, or a list of names (RFC 7519 §4.1.3).
fn audiences_of(claim: &Value) -> Option<Vec<&str>> {
    match claim {
        Value::Array(names) => names.iter().map(Value::as_str).collect(),
        name => Some(vec![name.as_str()?]),
    }
}

/// A token without a scope has no such claim: RFC 6749 §3.3 has no spelling for the empty one.
fn scope(claim: Option<&Value>) -> Option<Scope> {
    match claim {
        None => Some(Scope::empty()),
        Some(claim) => Scope::parse(claim.as_str()?).ok(),
    }
}
