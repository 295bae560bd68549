//! A JWT that a session was traded for, shown to us again by the API that it is for.
//!
//! It names the issuer where others name a client, as nothing else does. While its handle lives, so does all that it rests on:
//! whatever ends session, membership or company ends the handle with it.

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::{CompanyId, ResourceServer, SessionId, TokenHandle, UserId};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::introspection::{Active, Response};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;

use crate::context::Context;
use crate::engine::Engine;
use crate::own_jwt::OwnJwt;
use crate::refusal::Refusal;
use crate::settings::Settings;

/// What such a JWT says.
struct Said {
    handle: TokenHandle,
    session: SessionId,
    company: Option<CompanyId>,
    active: Active,
}

impl Engine {
    /// What it opens at `api`, which asks about it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_at_session_token(
        &self,
        presented: &Secret,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<Response, Refusal> {
        let jwt = self.read_own_jwt(presented, &Dialect::TYPS, context.now).await?;
        let Some(said) = jwt.and_then(|jwt| read(&jwt, api, &self.settings)) else {
            return Ok(Response::Inactive);
        };
        let lives =
            context.now < Timestamp::from_secs(said.active.exp) && self.rests_on(&said, api, context).await?;
        Ok(if lives { Response::Active(Box::new(said.active)) } else { Response::Inactive })
    }

    async fn rests_on(&self, said: &Said, api: &ResourceServer, context: &Context) -> Result<bool, Refusal> {
        let company = said.company.as_ref();
        let holder = self.store.find_session_of_handle(&said.handle, &api.id, company).await?;
        if holder.as_ref() != Some(&said.session) {
            return Ok(false);
        }
        let user = self.signed_in_by_id(&said.session, context).await?;
        Ok(user.is_some_and(|user| user.user().id.as_str() == said.active.sub))
    }
}

/// `None` for whatever else our keys sign, and for what is another API's.
fn read(jwt: &OwnJwt, api: &ResourceServer, settings: &Settings) -> Option<Said> {
    let claims: &Map<String, Value> = &jwt.claims;
    let dialect = Dialect::of_typ(jwt.typ.as_deref()?)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let ours = text("iss") == Some(&settings.issuer)
        && text(dialect.form().client_claim) == Some(&settings.issuer)
        && text("aud") == Some(&api.audience)
        && dialect.confused(claims).is_none();
    if !ours {
        return None;
    }
    let own = claims.get(settings.namespace.as_str());
    let company = match own.and_then(|own| own.get("companyId")) {
        Some(id) => Some(CompanyId::parse(id.as_str()?).ok()?),
        None => None,
    };
    let (jti, session) = (text("jti")?, SessionId::parse(text("sid")?).ok()?);
    Some(Said {
        handle: TokenHandle::of_jti(jti)?,
        company,
        active: Active {
            iss: settings.issuer.clone(),
            sub: UserId::parse(text("sub")?).ok()?.to_string(),
            aud: vec![api.audience.clone()],
            client_id: Some(settings.issuer.clone()),
            credential: None,
            allowed_addresses: Vec::new(),
            scope: Scope::parse(text("scope")?).ok()?,
            iat: seconds("iat")?,
            exp: seconds("exp")?,
            jti: Some(jti.to_owned()),
            session: Some((seconds("auth_time")?, session.to_string())),
            own: own.map(|own| (settings.namespace.clone(), own.clone())),
        },
        session,
    })
}
