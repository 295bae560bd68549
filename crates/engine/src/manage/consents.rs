//! What users let applications do: listed, taken back, and explained scope by scope.

use tokenry_model::{Client, Consent, Event, HeldScope, ResourceServer, Subject, User};
use tokenry_protocol::scope::{Scope, ScopeToken};

use super::error::Error;
use super::{Announced, Manager};
use crate::policy::granted::{Sets, Withheld, decide, split};

/// What is asked about a user and an application.
#[derive(Clone, Debug)]
pub struct ScopeQuestion {
    /// The user's id or username.
    pub user: String,
    /// The application's client id.
    pub client: String,
    /// The API, by id or audience.
    pub api: String,
    /// The company that the user acts for; `None`: the only one.
    pub company: Option<String>,
    /// Which scopes; none: all that the API defines.
    pub scopes: Vec<String>,
}

/// What becomes of a scope that the application asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScopeAnswer {
    /// The scope.
    pub scope: String,
    /// `granted`, or the stable word for why it is withheld.
    pub outcome: &'static str,
    /// The same in a sentence.
    pub text: &'static str,
}

impl Manager {
    /// What a user lets applications do, by application and API.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn consents(&self, user: &str) -> Result<Vec<Consent>, Error> {
        let user = self.user(user).await?;
        self.store.list_consents(&user.id).await.map_err(Error::Store)
    }

    /// Takes back what a user let an application do, and ends all that was issued for it. Tells what guards must learn.
    ///
    /// # Errors
    /// When there is no such user or client, or nothing to take back.
    pub async fn revoke_consent(&self, user: &str, client: &str) -> Result<Announced, Error> {
        let user = self.user(user).await?;
        let client = self.client(client).await?;
        let now = self.clock.now();
        let subject = Subject::Client(client.id.clone());
        let record =
            self.record_of(&client, now, Event::ConsentRevoked, subject).with("user", user.id.as_str());
        let revoked = self.store.revoke_consents(&user.id, &client.id, now, &[record]).await;
        let nothing = || Error::not_found("grant", format!("{} to {}", user.id, client.id));
        revoked.map_err(Error::Store)?.ok_or_else(nothing)
    }

    /// Says of each scope whether a user's tokens for an application would carry it now, and if not, why.
    ///
    /// # Errors
    /// When there is no such user, client, API or company, a scope is malformed, or the user has several companies and
    /// none was named.
    pub async fn explain_scopes(&self, question: &ScopeQuestion) -> Result<Vec<ScopeAnswer>, Error> {
        let user = self.user(&question.user).await?;
        let client = self.client(&question.client).await?;
        let api = self.api(&question.api).await?;
        let grant =
            self.store.find_client_grant(&client.id, None, &api.audience).await.map_err(Error::Store)?;
        let held = self.held(&user, &api, question.company.as_deref()).await?;
        let consented = self.consented(&user, &client, &api).await?;
        let requested = requested(&question.scopes, &api)?;
        let decision = decide(Sets {
            requested: Some(&requested),
            defined: &api.scope(),
            ceiling: &grant.map_or_else(Scope::empty, |target| target.grant.scope),
            held: &held,
            consented: consented.as_ref(),
        });
        let answer = |token: &ScopeToken| {
            let withheld = decision.withheld.iter().find(|(withheld, _why)| withheld == token);
            let (outcome, text) = match withheld {
                None => ("granted", "The tokens carry it."),
                Some((_token, why)) => (why.reason(), sentence(*why)),
            };
            ScopeAnswer { scope: token.as_str().to_owned(), outcome, text }
        };
        Ok(requested.iter().map(answer).collect())
    }

    /// What the user's roles give at the API, in the company that is named or the only one there is.
    async fn held(
        &self,
        user: &User,
        api: &ResourceServer,
        company: Option<&str>,
    ) -> Result<Vec<HeldScope>, Error> {
        let companies = self.store.list_companies_of_user(&user.id).await.map_err(Error::Store)?;
        let company = match (company, companies.as_slice()) {
            (Some(named), _) => self.company(named).await?.id,
            (None, []) => return Ok(Vec::new()),
            (None, [only]) => only.id.clone(),
            (None, several) => {
                let names: Vec<_> = several.iter().map(|company| company.id.as_str()).collect();
                let problem = format!("the user is a member of several: name one of {}", names.join(", "));
                return Err(Error::invalid("company", problem));
            }
        };
        self.store.find_held_scopes(&user.id, &company, &api.id).await.map_err(Error::Store)
    }

    /// What the user agreed to; `None` where nobody is asked.
    async fn consented(
        &self,
        user: &User,
        client: &Client,
        api: &ResourceServer,
    ) -> Result<Option<Scope>, Error> {
        if client.first_party && client.skip_consent {
            return Ok(None);
        }
        let consents = self.store.find_consents(&user.id, &client.id).await.map_err(Error::Store)?;
        let here = consents.into_iter().find(|consent| consent.resource_server_id.as_ref() == Some(&api.id));
        Ok(Some(here.map_or_else(Scope::empty, |consent| consent.scope)))
    }
}

fn requested(scopes: &[String], api: &ResourceServer) -> Result<Scope, Error> {
    if scopes.is_empty() {
        return Ok(api.scope());
    }
    let tokens = scopes.iter().map(|token| {
        ScopeToken::parse(token).map_err(|error| Error::invalid("scope", format!("\"{token}\": {error}")))
    });
    let requested: Scope = tokens.collect::<Result<_, _>>()?;
    let (own, requested) = split(&requested);
    match own.iter().next() {
        Some(token) => {
            let problem = format!("\"{token}\" is about the user, and no API's");
            Err(Error::invalid("scope", problem))
        }
        None => Ok(requested),
    }
}

const fn sentence(why: Withheld) -> &'static str {
    match why {
        Withheld::AboveCeiling => {
            "The application may not have it, whoever its user is: see its client grant."
        }
        Withheld::NotConsented => "The user has not agreed to it; the application can ask.",
        Withheld::NotHeld => "No role of the user's in this company gives it.",
        Withheld::Undefined => "The API does not define it.",
    }
}
