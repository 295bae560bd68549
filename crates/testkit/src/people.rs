//! The demo's people, and the applications that act for them; made when a test asks, because each password costs a slow
//! hash.

use tokenry_engine::manage::{Allowance, AllowedScopes, Manager, NewClient, NewRole, NewUser};
use tokenry_model::ClientType;
use tokenry_protocol::secret::Secret;

use crate::app::TestApp;
use crate::demo::{AUDIENCE, DemoClient, SCOPES};

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct DemoUser {
    /// `sub`.
    pub id: String,
    /// An e-mail address in its one form.
    pub username: String,
    /// A test may show it.
    pub password: String,
}

/// An application that acts for users.
#[derive(Clone, Debug)]
pub struct DemoApp {
    /// Id and secret; the secret is empty for one that can keep none.
    pub client: DemoClient,
    /// Its one redirect URI.
    pub redirect_uri: String,
}

/// The demo's people and applications.
#[derive(Clone, Debug)]
pub struct People {
    /// Manager at acme: may do all.
    pub ann: DemoUser,
    /// Employee at acme: reads and creates.
    pub bob: DemoUser,
    /// Contractor at globex: reads and creates.
    pub carl: DemoUser,
    /// First-party, asks for no consent.
    pub web: DemoApp,
    /// Third-party, reads and creates at the most.
    pub contractors: DemoApp,
    /// Public.
    pub spa: DemoApp,
}

/// What an employee may do.
const KEEPS: [&str; 2] = ["create:timesheets", "read:timesheets"];

impl TestApp {
    /// Makes the roles `manager`, `employee` and `contractor`, who has them, and the applications.
    pub async fn people(&self) -> People {
        let manager = &self.manager;
        for (name, scopes) in [("manager", &SCOPES[..]), ("employee", &KEEPS), ("contractor", &KEEPS)] {
            let scopes = AllowedScopes::Only(owned(scopes));
            let allow = vec![Allowance { api: AUDIENCE.to_owned(), scopes }];
            let new = NewRole { name: name.to_owned(), allow, ..NewRole::default() };
            manager.create_role(new).await.unwrap();
        }
        let (acme, globex) = (self.demo.acme.as_str(), self.demo.globex.as_str());
        People {
            ann: user(manager, "ann@acme.example", acme, "manager").await,
            bob: user(manager, "bob@acme.example", acme, "employee").await,
            carl: user(manager, "carl@globex.example", globex, "contractor").await,
            web: application(manager, ClientType::Web, 8702, &SCOPES).await,
            contractors: application(manager, ClientType::ThirdParty, 8703, &KEEPS).await,
            spa: application(manager, ClientType::Spa, 8704, &SCOPES).await,
        }
    }
}

async fn user(manager: &Manager, username: &str, company: &str, role: &str) -> DemoUser {
    let new = NewUser {
        username: username.to_owned(),
        email_verified: true,
        company: Some(company.to_owned()),
        roles: vec![role.to_owned()],
        ..NewUser::default()
    };
    let made = manager.create_user(new).await.unwrap();
    let password = format!("gentle harbour kites of a {role}");
    manager.set_user_password(made.id.as_str(), &Secret::new(password.clone())).await.unwrap();
    DemoUser { id: made.id.to_string(), username: username.to_owned(), password }
}

async fn application(manager: &Manager, kind: ClientType, port: u16, ceiling: &[&str]) -> DemoApp {
    let redirect_uri = format!("http://127.0.0.1:{port}/callback");
    let new = NewClient {
        redirect_uris: vec![redirect_uri.clone()],
        post_logout_redirect_uris: vec![format!("http://127.0.0.1:{port}/")],
        skip_consent: kind == ClientType::Web,
        ..NewClient::new(kind, kind.as_str())
    };
    let created = manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    manager.create_grant(&id, AUDIENCE, &owned(ceiling)).await.unwrap();
    let secret = created.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
    DemoApp { client: DemoClient { id, secret }, redirect_uri }
}

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}
