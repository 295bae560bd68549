//! Acknowledgements: what a guard has applied, so that those who wait for it need not wait longer.

use tokenry_protocol::basic::Basic;
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::guard::Ack;
use tokenry_store::Ack as Acked;

use super::GuardRefusal;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    /// Takes down what a guard has applied. What was acknowledged before never becomes less.
    ///
    /// # Errors
    /// When the API does not prove who it is, has no such stream, has no event of that number, or another one; or the
    /// database fails.
    pub async fn guard_ack(
        &self,
        credential: &Basic,
        ack: &Ack,
        context: &Context,
    ) -> Result<(), GuardRefusal> {
        let api = self.authenticate_api(credential, context).await?;
        let api = &api.resource_server().id;
        if ack.signed_off {
            let known = self.store.sign_off_guard_stream(api, &ack.stream).await?;
            return if known { Ok(()) } else { Err(GuardRefusal::UnknownStream) };
        }
        if let Some(tag) = &ack.tag {
            let found = self.store.guard_event_tag(api, ack.seq).await?;
            // One that is gone was forgotten since, and says nothing.
            if !found.is_empty() && found != *tag {
                return Err(GuardRefusal::SnapshotRequired);
            }
        }
        match self.store.ack_guard_stream(api, &ack.stream, ack.seq, context.now).await? {
            Acked::Acked => Ok(()),
            Acked::AheadOfLog => {
                let text = "There is no event of that number yet.";
                Err(Refusal::new(ErrorCode::InvalidRequest, "ack_ahead_of_log", text).into())
            }
            Acked::NotFound => Err(GuardRefusal::UnknownStream),
        }
    }
}
