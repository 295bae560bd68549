//! What users let applications do: listed, taken back, and explained scope by scope.

use tokenry_model::{Client, Company, Consent, Event, ResourceServer, Subject, User};
use tokenry_protocol::scope::{Scope, ScopeToken};

use super::error::Error;
use super::{Announced, Manager};
use crate::policy::company::{Pick, Wanted, pick, tenant};
use crate::policy::consent::{Asking, agreed, asking};
use crate::policy::granted::{Sets, Withheld, decide, split};
use crate::policy::may_act::{Standing, may_act};

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

/// For whom a user acts through an application.
enum ActsFor {
    /// This company.
    Company(Company),
    /// None, and why: the stable word, and the same in a sentence.
    Nobody { outcome: &'static str, text: &'static str },
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
        // The user is shown what happened to their account: it is found by whose it is.
        let subject = Subject::User(user.id.clone());
        let record =
            self.record_of(&client, now, Event::ConsentRevoked, subject).with("client", client.id.as_str());
        let revoked = self.store.revoke_consents(&user.id, &client.id, now, &[record]).await;
        let nothing = || Error::not_found("grant", format!("{} to {}", user.id, client.id));
        revoked.map_err(Error::Store)?.ok_or_else(nothing)
    }

    /// Says of each scope whether a user's tokens for an application would carry it now, before the user is asked anything, and if
    /// not, why: by the policies of `/authorize`, in its order.
    ///
    /// # Errors
    /// When there is no such user, client, API or company, a scope is malformed, or the user has several companies and
    /// none was named.
    pub async fn explain_scopes(&self, question: &ScopeQuestion) -> Result<Vec<ScopeAnswer>, Error> {
        let user = self.user(&question.user).await?;
        let client = self.client(&question.client).await?;
        let api = self.api(&question.api).await?;
        let requested = requested(&question.scopes, &api)?;
        let company = match self.acts_for(&user, &client, question.company.as_deref()).await? {
            ActsFor::Company(company) => company,
            ActsFor::Nobody { outcome, text } => {
                let none = |token: &ScopeToken| ScopeAnswer { scope: token.to_string(), outcome, text };
                return Ok(requested.iter().map(none).collect());
            }
        };
        let target =
            self.store.find_client_grant(&client.id, None, &api.audience).await.map_err(Error::Store)?;
        let held = self.store.find_held_scopes(&user.id, &company.id, &api.id).await.map_err(Error::Store)?;
        let remembered = self.store.find_consents(&user.id, &client.id).await.map_err(Error::Store)?;
        let sets = Sets {
            requested: Some(&requested),
            defined: &api.scope(),
            ceiling: &target.map_or_else(Scope::empty, |target| target.grant.scope),
            held: &held,
            consented: None,
        };
        let asking = asking(&client);
        let consented = match asking {
            Asking::EachTime => Some(Scope::empty()),
            Asking::Never => None,
            Asking::Once => {
                let tenant = tenant(&company, &decide(sets));
                Some(agreed(Some(&api.id), Some(&tenant), &remembered))
            }
        };
        let decision = decide(Sets { consented: consented.as_ref(), ..sets });
        let answer = |token: &ScopeToken| {
            let withheld = decision.withheld.iter().find(|(withheld, _why)| withheld == token);
            let (outcome, text) = match withheld {
                None => ("granted", "The tokens carry it."),
                Some((_token, why)) => (why.reason(), sentence(*why, asking)),
            };
            ScopeAnswer { scope: token.to_string(), outcome, text }
        };
        Ok(requested.iter().map(answer).collect())
    }

    /// The company that is named or the only one there is, or why the user can act for none.
    async fn acts_for(&self, user: &User, client: &Client, named: Option<&str>) -> Result<ActsFor, Error> {
        let now = self.clock.now();
        let wanted = match named {
            Some(named) => Wanted::This(self.company(named).await.map(|_found| named)?),
            None => Wanted::Any,
        };
        let standing = Standing { client: Some(client), user: Some(user), ..Standing::default() };
        if let Err(barred) = may_act(standing, now) {
            let text = "The user or the application may not act now.";
            return Ok(ActsFor::Nobody { outcome: barred.reason(), text });
        }
        let members_of = self.store.list_companies_of_user(&user.id).await.map_err(Error::Store)?;
        match pick(members_of, &client.binding, wanted, now) {
            Pick::One(company) => Ok(ActsFor::Company(company)),
            Pick::None => {
                let text = "The user has no company that the application may act for.";
                Ok(ActsFor::Nobody { outcome: "no_company", text })
            }
            Pick::NotTheirs => {
                let text = "The user is no member of this company, it is disabled, or the application is bound to another.";
                Ok(ActsFor::Nobody { outcome: "not_a_member", text })
            }
            Pick::Several(several) => {
                let names: Vec<_> = several.iter().map(|company| company.id.as_str()).collect();
                let problem = format!("the user is a member of several: name one of {}", names.join(", "));
                Err(Error::invalid("company", problem))
            }
        }
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

const fn sentence(why: Withheld, asking: Asking) -> &'static str {
    match why {
        Withheld::AboveCeiling => {
            "The application may not have it, whoever its user is: see its client grant."
        }
        Withheld::NotConsented if matches!(asking, Asking::EachTime) => {
            "Anyone can download the application, so the user is asked each time."
        }
        Withheld::NotConsented => {
            "The user has not agreed to it for this company, or all of its corporation; the application can ask."
        }
        Withheld::NotHeld => "No role of the user's in this company gives it.",
        Withheld::Undefined => "The API does not define it.",
    }
}
