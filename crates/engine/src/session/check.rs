//! What a session is to an API, for the guard that was shown its cookie: asked anew each time, so that the answer is that of
//! this moment.
//!
//! 1. The API proves who it is.
//! 2. The cookie is one for APIs and names a session that lives, whose user may act.
//! 3. What the user may do there now, for the company of the session.
//!
//! Whatever fails from step 2 on has one answer. Refused cookies count as refused tokens do (INT-07, R104).

use tokenry_model::ResourceServer;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::{SessionCheck, SessionChecked};
use tokenry_protocol::introspection::{Active, Credential, Response};
use tokenry_protocol::secret::Secret;

use super::exchange::TRIES;
use crate::context::Context;
use crate::engine::Engine;
use crate::own::OwnActive;
use crate::refusal::Refusal;

impl Engine {
    /// What a cookie for APIs opens at the API that asks.
    ///
    /// # Errors
    /// When the API does not prove who it is, or the database fails; and where too many cookies were refused.
    pub async fn check_session(
        &self,
        credential: &Basic,
        check: &SessionCheck,
        context: &Context,
    ) -> Result<SessionChecked, Refusal> {
        let api = self.authenticate_api(credential, context).await?;
        let answer = self.look_at_cookie(&check.cookie, api.resource_server(), context).await?;
        if matches!(answer.said, Response::Inactive) {
            let shown_at = check.client_address.as_deref().and_then(|address| address.parse().ok());
            self.count_asked_about(shown_at, context)?;
        }
        Ok(answer)
    }

    async fn look_at_cookie(
        &self,
        cookie: &Secret,
        api: &ResourceServer,
        context: &Context,
    ) -> Result<SessionChecked, Refusal> {
        let inactive = || SessionChecked { said: Response::Inactive, csrf_sha256: None };
        for _try in 0..TRIES {
            let Some(user) = self.signed_in_for_apis(cookie.expose(), context).await? else {
                return Ok(inactive());
            };
            let Some(opens) = self.opens(&user, api, context).await? else { return Ok(inactive()) };
            let view = self.view(&user, api, &opens);
            let Some(handle) = self.session_handle(&view, context).await? else { continue };
            let own = self.own_active(OwnActive {
                credential: Credential::Session,
                user: user.user(),
                token: self.own_session(&user).token,
                jti: handle.new_jti(&*self.rng),
                aud: vec![api.audience.clone()],
                scope: opens.scope,
                tenant: opens.tenant,
            });
            let session = Some((user.session().auth_time.as_secs(), user.session().id.to_string()));
            let said = Response::Active(Box::new(Active { session, ..own }));
            return Ok(SessionChecked { said, csrf_sha256: Some(self.csrf_sha256(&user)) });
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }
}
