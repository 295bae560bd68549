//! The demo's companies, API and clients, made through the management verbs as an operator makes them.

use tokenry_engine::manage::{Manager, NewApi, NewClient, NewSecret};
use tokenry_model::{ClientType, TokenFormat};
use tokenry_protocol::dialect::Dialect;

/// The Timesheets API's identifier.
pub const AUDIENCE: &str = "https://timesheets.example.com";
/// The claim under which tokens carry `companyId`.
pub const NAMESPACE: &str = "https://auth.example.com/metadata";
/// What the Timesheets API defines.
pub const SCOPES: [&str; 4] =
    ["approve:timesheets", "create:timesheets", "delete:timesheets", "read:timesheets"];

/// A client with its first secret.
#[derive(Clone, Debug)]
pub struct DemoClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`; a test may show it.
    pub secret: String,
}

/// The demo's ids and secrets.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The Timesheets API's own id and secret.
    pub api: DemoClient,
    /// In `acme_group`.
    pub acme: String,
    /// In `acme_group`.
    pub acme_labs: String,
    /// In no corporation.
    pub globex: String,
    /// Holds acme and acme_labs.
    pub acme_group: String,
    /// Acme's; all four scopes.
    pub cron: DemoClient,
    /// Globex's; all four scopes.
    pub globex_client: DemoClient,
    /// Acme's, for the whole of acme_group; all four scopes.
    pub group: DemoClient,
    /// Acme's; `read:timesheets` only.
    pub readonly: DemoClient,
}

impl Demo {
    pub(crate) async fn create(manager: &Manager) -> Self {
        let acme_group = manager.create_corporation("Acme Group", None).await.unwrap().id.to_string();
        let acme = company(manager, "Acme", Some(&acme_group)).await;
        let acme_labs = company(manager, "Acme Labs", Some(&acme_group)).await;
        let globex = company(manager, "Globex", None).await;
        let api = manager
            .create_api(NewApi {
                id: None,
                name: "Timesheets".to_owned(),
                audience: AUDIENCE.to_owned(),
                scopes: SCOPES.map(|scope| (scope.to_owned(), String::new())).into(),
                access_token_ttl: None,
                signing_alg: None,
                dialect: Dialect::Rfc,
                token_format: TokenFormat::Jwt,
                tenanted: true,
            })
            .await
            .unwrap();
        let (_stored, secret) = manager.add_api_secret(api.id.as_str(), NewSecret::default()).await.unwrap();
        Self {
            api: DemoClient { id: api.id.to_string(), secret: secret.expose().to_owned() },
            cron: client(manager, "Cron", &acme, None, &[]).await,
            globex_client: client(manager, "Globex", &globex, None, &[]).await,
            group: client(manager, "Group", &acme, Some(&acme_group), &[]).await,
            readonly: client(manager, "Read only", &acme, None, &["read:timesheets".to_owned()]).await,
            acme,
            acme_labs,
            globex,
            acme_group,
        }
    }
}

async fn company(manager: &Manager, name: &str, corporation: Option<&str>) -> String {
    manager.create_company(name, None, corporation).await.unwrap().id.to_string()
}

async fn client(
    manager: &Manager,
    name: &str,
    company: &str,
    corporation: Option<&str>,
    scopes: &[String],
) -> DemoClient {
    let new = NewClient {
        company: Some(company.to_owned()),
        corporation: corporation.map(str::to_owned),
        ..NewClient::new(ClientType::M2m, name)
    };
    let created = manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    manager.create_grant(&id, AUDIENCE, scopes).await.unwrap();
    DemoClient { id, secret: created.secret.unwrap().expose().to_owned() }
}
