//! Whether what a token hangs on still stands: its client, what it was issued under, itself, its companies.
//!
//! Guards know of all this by the handles and tokens that the event stream says are dead, and by the companies that it
//! says are disabled. Here each thing is looked up, so that it can be named.

use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientId, ClientState, Company, CompanyId, ResourceServer, TokenHandle, User, UserState,
};
use tokenry_store::{Error as StoreError, Store, TokenEnding};

use super::claims::Said;
use super::words::{quoted, when};
use super::{Check, Findings, Question};
use crate::policy::may_act::{Barred, Standing, TokenStanding, may_act};

pub(super) async fn check(
    store: &Store,
    said: &Said,
    question: &Question,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let authority = Authority { issued_at: said.issued_at, now: question.at };
    let client = check_client(store, said, authority, findings).await?;
    check_user(store, said, authority, findings).await?;
    check_ending(store, said, &question.api, authority, findings).await?;
    check_companies(store, said, client.as_ref(), authority, findings).await
}

/// Asks the one authority about one thing at a time.
#[derive(Clone, Copy)]
struct Authority {
    issued_at: Option<Timestamp>,
    now: Timestamp,
}

impl Authority {
    /// A token of that age, which has not expired, with `ending`.
    fn ask(self, ending: TokenEnding, standing: Standing<'_>) -> Result<(), Barred> {
        let issued_at = self.issued_at.unwrap_or(Timestamp::from_millis(i64::MAX));
        let token = TokenStanding { issued_at, expires_at: Timestamp::from_millis(i64::MAX), ending };
        may_act(Standing { token: Some(token), ..standing }, self.now)
    }
}

async fn check_client(
    store: &Store,
    said: &Said,
    authority: Authority,
    findings: &mut Findings,
) -> Result<Option<Client>, StoreError> {
    let Some(client_id) = &said.client_id else { return Ok(None) };
    let client = match ClientId::parse(client_id) {
        Ok(id) => store.find_client(&id).await?,
        Err(_invalid) => None,
    };
    let Some(client) = client else {
        findings.refuse(Check::Client, format!("There is no client {}, or no longer.", quoted(client_id)));
        return Ok(None);
    };
    let name = format!("Client {} ({:?})", client.id, client.name);
    match authority.ask(TokenEnding::None, Standing { client: Some(&client), ..Standing::default() }) {
        Ok(()) => findings.pass(Check::Client, format!("{name} is enabled.")),
        Err(Barred::ClientDisabled) => {
            let since = match client.state {
                ClientState::Disabled { at } => format!(" since {at} ({})", when(at, authority.now)),
                ClientState::Enabled => String::new(),
            };
            findings.refuse(Check::Client, format!("{name} is disabled{since}."));
        }
        Err(_ended) => {
            let made = client.created_at;
            findings.refuse(
                Check::Client,
                format!("{name} was made at {made}, after the token: that was another's."),
            );
        }
    }
    Ok(Some(client))
}

async fn check_user(
    store: &Store,
    said: &Said,
    authority: Authority,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let Some(id) = &said.user else {
        findings.skip(Check::User, "The token is the client's own, and no user's.");
        return Ok(());
    };
    let Some(user) = store.find_user(id).await? else {
        findings.refuse(Check::User, format!("There is no user {id}, or no longer."));
        return Ok(());
    };
    let own = said.tenant.as_ref().and_then(|tenant| CompanyId::parse(&tenant.company_id).ok());
    let company = match &own {
        Some(company) => store.find_company(company).await?,
        None => None,
    };
    let memberships = store.list_memberships(id).await?;
    // How the company itself stands is said of it.
    let company = company.map(|company| Company { disabled_at: None, ..company });
    let standing = Standing {
        user: Some(&user),
        company: company.as_ref(),
        memberships: Some(&memberships),
        ..Standing::default()
    };
    match authority.ask(TokenEnding::None, standing) {
        Ok(()) => findings.pass(Check::User, format!("User {id} is enabled, and belongs to the company.")),
        Err(barred) => findings.refuse(Check::User, format!("User {id} {}.", why_barred(&user, barred))),
    }
    Ok(())
}

fn why_barred(user: &User, barred: Barred) -> String {
    match (barred, user.state) {
        (Barred::UserDisabled, UserState::Disabled { at }) => format!("is disabled since {at}"),
        (Barred::UserLeaving, UserState::Leaving { due_at }) => {
            format!("has deleted the account, which is removed at {due_at}")
        }
        (Barred::NotAMember, _) => "does not belong to the company that the token is for".to_owned(),
        _ => format!("was made at {}, after the token, as the company may have been", user.created_at),
    }
}

async fn check_ending(
    store: &Store,
    said: &Said,
    api: &ResourceServer,
    authority: Authority,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let Some(jti) = &said.token_id else { return Ok(()) };
    let Some(handle) = TokenHandle::of_jti(jti) else {
        findings
            .refuse(Check::Handle, format!("jti is {}, which no token of this Tokenry has.", quoted(jti)));
        return Ok(());
    };
    let ending = store.find_token_ending(jti, &handle).await?;
    if authority.ask(ending, Standing::default()) == Err(Barred::TokenRevoked) {
        findings.skip(Check::Handle, "The token itself was revoked, so it does not matter.");
        findings.refuse(Check::Revocation, "The token was revoked by itself.");
        return Ok(());
    }
    findings.pass(Check::Revocation, "The token was not revoked by itself.");
    let handle = handle.as_str();
    if authority.ask(ending, Standing::default()).is_err() {
        let why = if said.user.is_some() {
            "the user took it back or signed out, the code or a refresh token was used twice or revoked, or user, client, \
             membership or company were disabled or removed once; enabling them again revives nothing"
        } else {
            "the client's secret was revoked, or its grant taken away, or client or company were disabled once; enabling \
             them again revives nothing"
        };
        findings.refuse(Check::Handle, format!("What the token was issued under ({handle}) is gone: {why}."));
    } else if authority.ask(ending, Standing { resource_server: Some(api), ..Standing::default() }).is_err() {
        let made = api.created_at;
        findings.refuse(
            Check::Handle,
            format!("The API was registered at {made}, after the token: that was for another."),
        );
    } else {
        findings.pass(
            Check::Handle,
            match said.user {
                Some(_) => {
                    format!("What the token was issued under ({handle}) stands: the user's authorization.")
                }
                None => format!("What the token was issued under ({handle}) stands: secret and grant."),
            },
        );
    }
    Ok(())
}

/// The token's company, and the client's home where that is another.
async fn check_companies(
    store: &Store,
    said: &Said,
    client: Option<&Client>,
    authority: Authority,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let home = client.and_then(|client| client.binding.home()).map(CompanyId::as_str);
    let own = said.tenant.as_ref().map(|tenant| tenant.company_id.as_str());
    let home = home.filter(|home| Some(*home) != own);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (role, id) in [("Company", own), ("The client's home,", home)] {
        let Some(id) = id else { continue };
        let company = match CompanyId::parse(id) {
            Ok(id) => store.find_company(&id).await?,
            Err(_invalid) => None,
        };
        match standing_of(company.as_ref(), authority) {
            Ok(named) => good.push(format!("{role} {named} is enabled.")),
            Err(problem) => bad.push(format!("{role} {} {problem}.", quoted(id))),
        }
    }
    match (good.is_empty(), bad.is_empty()) {
        (_, false) => findings.refuse(Check::Company, bad.join(" ")),
        (false, true) => findings.pass(Check::Company, good.join(" ")),
        (true, true) => findings.skip(Check::Company, "Neither the token nor its client is of a company."),
    }
    Ok(())
}

/// How a company is called, or what is wrong with it.
fn standing_of(company: Option<&Company>, authority: Authority) -> Result<String, String> {
    let company = company.ok_or("does not exist, or no longer")?;
    match authority.ask(TokenEnding::None, Standing { company: Some(company), ..Standing::default() }) {
        Ok(()) => Ok(format!("{} ({:?})", company.id, company.name)),
        Err(Barred::CompanyDisabled) => Err(match company.disabled_at {
            Some(at) => format!("is disabled since {at} ({})", when(at, authority.now)),
            None => "is disabled".to_owned(),
        }),
        Err(_ended) => {
            Err(format!("was made at {}, after the token: that was for another", company.created_at))
        }
    }
}
