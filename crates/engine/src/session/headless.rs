//! Signing in from a user interface of somebody else's: what the pages of `/login` do one after the other, in one go.
//!
//! 1. Name and password are heard as at `/login`, with its limits and its one answer.
//! 2. Where a second factor counts, a code goes with them; without one they are told that one is needed, and nothing else.
//! 3. Somebody of several companies says for which one they act. Only then does a session begin, so that there is none without.

use tokenry_model::{Company, CompanyId, TenantBinding, UserState};
use tokenry_protocol::secret::Secret;

use super::begin::{AtHand, BegunSession};
use super::signed_in::SignedInUser;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::company::{Pick, Wanted, pick};
use crate::refusal::Refusal;
use crate::sign_in::{ProvenUser, SignIn, SignInError};

/// What somebody shows who signs in.
#[derive(Debug)]
pub struct Shown {
    /// Their name.
    pub username: String,
    /// Their password.
    pub password: Secret,
    /// A code of the authenticator, or a recovery code.
    pub code: Option<Secret>,
    /// The id of the company for which they act.
    pub company: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum HeadlessSignIn {
    /// A session began, or the one that the browser had goes on under other cookies.
    Begun(Box<BegunSession>, Box<SignedInUser>),
    /// All is proven, and they must say for which of these companies they act.
    CompanyRequired(Vec<Company>),
    /// The password is right, and a second factor has to be shown.
    SecondFactorRequired,
}

/// Why nothing came of it.
#[derive(Debug)]
pub enum HeadlessError {
    /// The database failed.
    Failed(Refusal),
    /// Nobody was proven to be anyone who may act.
    NotProven(SignInError),
}

impl From<Refusal> for HeadlessError {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal)
    }
}

impl From<SignInError> for HeadlessError {
    fn from(error: SignInError) -> Self {
        Self::NotProven(error)
    }
}

/// The company of a session.
enum Chosen {
    None,
    One(CompanyId),
    Several(Vec<Company>),
}

impl Engine {
    /// Signs somebody in who shows all at once. `current` is the session that the browser has.
    ///
    /// # Errors
    /// One answer for every cause that tells who there is; when nobody can be heard now; when the database fails.
    pub async fn sign_in_headless(
        &self,
        shown: &Shown,
        current: Option<&SignedInUser>,
        browser: &AtHand<'_>,
        context: &Context,
    ) -> Result<HeadlessSignIn, HeadlessError> {
        let proven = match self.sign_in(&shown.username, &shown.password, context).await? {
            SignIn::Proven(proven) => proven,
            SignIn::HalfProven(half) => match &shown.code {
                Some(code) => self.second_factor(&half, code, context).await?,
                None => return Ok(HeadlessSignIn::SecondFactorRequired),
            },
        };
        if matches!(proven.user().state, UserState::Leaving { .. }) {
            // Whoever has deleted the account takes that back at our own pages.
            self.refusals.note_sign_in("user_leaving", Some(&proven.user().id), context);
            return Err(SignInError::InvalidCredentials.into());
        }
        let chosen = match self.choose(&proven, shown.company.as_deref(), current, context).await? {
            Chosen::Several(companies) => return Ok(HeadlessSignIn::CompanyRequired(companies)),
            Chosen::One(company) => Some(company),
            Chosen::None => None,
        };
        let begun = self.begin_session(&proven, current, browser, context).await?;
        // The user was changed since the proof: what was proven counts no more.
        let begun = begun.ok_or(SignInError::InvalidCredentials)?;
        let user = self.act_for(&begun, chosen, context).await?.ok_or(SignInError::InvalidCredentials)?;
        Ok(HeadlessSignIn::Begun(Box::new(begun), Box::new(user)))
    }

    /// Step 3. One that is not theirs is as none: the answer tells which are.
    async fn choose(
        &self,
        proven: &ProvenUser,
        wanted: Option<&str>,
        current: Option<&SignedInUser>,
        context: &Context,
    ) -> Result<Chosen, Refusal> {
        let user = &proven.user().id;
        let companies = self.store.list_companies_of_user(user).await?;
        let current = current.filter(|current| current.user().id == *user).and_then(SignedInUser::company);
        let wanted = match (wanted, current) {
            (Some(id), _) => Wanted::This(id),
            (None, Some(company)) => Wanted::Rather(company.id.as_str()),
            (None, None) => Wanted::Any,
        };
        let own = |companies, wanted| pick(companies, &TenantBinding::Unbound, wanted, context.now);
        Ok(match own(companies.clone(), wanted) {
            Pick::None => Chosen::None,
            Pick::One(company) => Chosen::One(company.id),
            Pick::Several(companies) => Chosen::Several(companies),
            Pick::NotTheirs => match own(companies, Wanted::Any) {
                Pick::One(company) => Chosen::Several(vec![company]),
                Pick::Several(companies) => Chosen::Several(companies),
                Pick::None | Pick::NotTheirs => Chosen::Several(Vec::new()),
            },
        })
    }

    /// Lets a session that has just begun act for a company; yields who is signed in by it.
    async fn act_for(
        &self,
        begun: &BegunSession,
        company: Option<CompanyId>,
        context: &Context,
    ) -> Result<Option<SignedInUser>, Refusal> {
        let user = self.signed_in(begun.cookie.expose(), context).await?;
        let (Some(user), Some(company)) = (&user, company) else { return Ok(user) };
        if user.session().company_id.as_ref() == Some(&company) {
            return Ok(Some(user.clone()));
        }
        let session = user.session();
        self.store.set_session_company(&session.id, &session.digest, &company, context.now).await?;
        self.feed.wake();
        self.signed_in(begun.cookie.expose(), context).await
    }
}
