//! A password that was forgotten: a link for whoever has the address, and what may be done with it.

use tokenry_model::{Actor, Event, LinkPurpose, Subject};
use tokenry_protocol::secret::Secret;
use tokenry_store::ResetRequest;

use super::browser::browser;
use super::letter::Letter;
use super::links::{digest, new_link};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::refusal::Refusal;

/// Before the names that are asked for here, so that they are counted apart from those that fail to sign in.
const ASKS: &str = "reset\0";

impl Engine {
    /// Sends a link to whoever has that username, if anybody has. Nobody who asks can tell whether: what is done and
    /// written is the same (LOG-02, PEER-21). Every request counts as a failure of that name from that address, known or
    /// not; one address gets five mails an hour, however many ask.
    ///
    /// # Errors
    /// When too many were asked for, or the database does not answer.
    pub async fn request_reset(
        &self,
        username: &str,
        user_agent: Option<&str>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let party = Party::new(Some(&format!("{ASKS}{username}")), context.address);
        self.limits.fail(&party, context.now)?;
        let now = context.now;
        let (address, link) = new_link(self.issuer(), LinkPurpose::Reset, now, &*self.rng);
        let letter = Letter {
            about: link.purpose.into(),
            issuer: self.issuer().to_owned(),
            link: Some(address),
            ends_at: Some(link.expires_at),
            at: now,
            address: context.address.map(|address| address.to_canonical().to_string()),
            browser: user_agent.and_then(browser),
        };
        let mail = letter.seal(&self.data_key, &*self.rng);
        let record = context.record(Event::PasswordResetRequested, Actor::Anonymous, None);
        let request = ResetRequest { username: username.to_owned(), link, mail, record };
        self.store.request_reset(request).await?;
        self.wake_sender();
        Ok(())
    }

    /// Uses a link that proves an address. `false`: it was none to be used for that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_address(&self, token: &Secret, context: &Context) -> Result<bool, Refusal> {
        let digest = digest(token);
        let found = self.store.find_mail_link(&digest, context.now).await?;
        let Some(found) = found.filter(|found| found.purpose == LinkPurpose::Verification) else {
            return Ok(false);
        };
        let user = found.user_id;
        let subject = Subject::User(user.clone());
        let record = context.record(Event::UserVerified, Actor::User(user.clone()), Some(subject));
        Ok(self.store.verify_address(&digest, &user, context.now, &record).await?)
    }
}
