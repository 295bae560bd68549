//! Another value for a personal access token: at once, because the one until now may be known to others, or with an overlap, so
//! that nothing stands still. And its end.

use std::time::Duration;

use tokenry_model::{Event, PatId, Record};
use tokenry_store::{Announced, CredentialChange, ListedPat, ReplacePat, ReplacedPat, RevokePat};

use super::{
    IssuedPat, MAX_PATS, PatError, SentForm, bounded, check_overlap, new_value, pat_record, quiet,
    retry_after,
};
use crate::context::Context;
use crate::engine::Engine;
use crate::mail::About;
use crate::session::{FreshUser, SignedInUser};

impl Engine {
    /// For how long the next value of a token lives, each of whose values was to live for `lifetime`: as long, if that may be by
    /// now.
    #[must_use]
    pub fn next_lifetime(&self, lifetime: Duration) -> Duration {
        lifetime.min(self.settings.pat_max_ttl)
    }

    /// Gives a token of somebody who has just shown that it is them another value, for as long as the first one lived and none
    /// may live longer, once for a form. The one until now is dead, or, with an overlap, works so much longer, if it does not expire before. They are told by
    /// mail. Tells what guards must learn.
    ///
    /// # Errors
    /// When they have no such token, it was revoked, somebody else is doing the same, the overlap is none or too long, the form has made a
    /// value before, too many were made lately, or the database fails.
    pub async fn replace_pat(
        &self,
        current: &FreshUser,
        id: &str,
        overlap: Option<Duration>,
        form: Option<SentForm>,
        context: &Context,
    ) -> Result<(IssuedPat, Announced), PatError> {
        let (user, now) = (&current.user().id, context.now);
        let ListedPat { pat, value: seen, .. } = self.pat_of(current, id).await?;
        let lifetime = self.next_lifetime(pat.lifetime);
        check_overlap(overlap, lifetime).map_err(|problem| PatError::invalid("overlap", problem))?;
        let (token, value) = new_value(&self.settings.brand, &pat.id, lifetime, now, &*self.rng);
        let (event, about) = match overlap {
            None => (Event::PatRefreshed, About::PatRefreshed),
            Some(_) => (Event::PatRolled, About::PatRolled),
        };
        let record = pat_record((user, &pat.id), event, context);
        let record = Record { company: pat.company_id.clone(), ..record };
        let record = record.with("expires_at", value.expires_at.to_string());
        let change = bounded(self.pat_change(&pat.id, record, about, context), current);
        let change = CredentialChange { form: form.map(Into::into), ..change };
        let overlap_until = overlap.map(|overlap| now.plus(overlap));
        let (user_id, most) = (user.clone(), MAX_PATS);
        let replace = ReplacePat { user_id, seen: seen.digest, value, overlap_until, most, change };
        let announced = match self.store.replace_pat(replace).await? {
            ReplacedPat::Barred => return Err(PatError::Barred),
            ReplacedPat::NotFound => return Err(PatError::NotFound),
            ReplacedPat::Overtaken => return Err(PatError::Conflict),
            ReplacedPat::Replaced { announced } => announced,
            ReplacedPat::SentBefore => return Err(PatError::SentBefore),
            ReplacedPat::TooMany => return Err(PatError::TooMany),
            ReplacedPat::TooOften(first) => {
                return Err(PatError::TooOften { retry_after: retry_after(first, now) });
            }
        };
        self.feed.wake();
        self.wake_sender();
        let listed = self.store.find_pat(&pat.id).await?.ok_or(PatError::NotFound)?;
        let pat = self.own_pat(listed, now);
        Ok((IssuedPat { pat, token }, announced))
    }

    /// Revokes a token of somebody who is signed in. They are told by mail, unless they were of many lately. Tells what guards must learn.
    ///
    /// # Errors
    /// When they have no such token, or the database fails.
    pub async fn revoke_pat(
        &self,
        current: &SignedInUser,
        id: &str,
        context: &Context,
    ) -> Result<Announced, PatError> {
        let user = &current.user().id;
        let id = PatId::parse(id).map_err(|_invalid| PatError::NotFound)?;
        let record = pat_record((user, &id), Event::PatRevoked, context);
        let change = quiet(self.pat_change(&id, record, About::PatRevoked, context));
        match self.store.revoke_pat(user, &id, change).await? {
            RevokePat::AlreadyRevoked => Ok(self.store.announced_so_far().await?),
            RevokePat::NotFound => Err(PatError::NotFound),
            RevokePat::Revoked { announced } => {
                self.feed.wake();
                self.wake_sender();
                Ok(announced)
            }
        }
    }
}
