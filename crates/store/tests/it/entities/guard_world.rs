//! What the tests of guards begin with: clients of companies, their handles at several APIs, and nothing told yet.

use tokenry_jose::Algorithm;
use tokenry_model::{Client, KeyState, ResourceServer, TenantBinding, TokenHandle};
use tokenry_store::GrantReach;

use super::Engine;
use super::World;
use super::samples::*;

/// The APIs: two whose resources belong to companies, and one whose do not.
pub(crate) const APIS: [&str; 3] = ["timesheets", "payroll", "status"];

/// Four clients, each with a secret of its own name: `cron`, `crm` and `wide` act for companies of `group`, and `erp`, an
/// integration, for none. A handle is called after its client and its API. Nothing is announced yet.
pub(crate) async fn world_of_guards(engine: Engine) -> World {
    let world = World::open(engine).await;
    let store = &world.store;
    for group in ["group", "other"] {
        store.create_corporation(&corporation(group), &[]).await.unwrap();
    }
    for company in [company_of("acme", "group"), company_of("labs", "group"), company("globex")] {
        store.create_company(&company, &[]).await.unwrap();
    }
    store.init_keyring(vec![1], "dk", vec![2], NOW, &[]).await.unwrap();
    let keys = [
        signing_key("a", Algorithm::Es256, KeyState::Active { since: NOW }),
        signing_key("p", Algorithm::Es256, KeyState::Pending),
    ];
    store.init_signing_keys(Algorithm::Es256, &keys, NOW, &[]).await.unwrap();
    for id in APIS {
        let api = ResourceServer { tenanted: id != "status", ..api(id) };
        store.create_resource_server(&api, None, &[]).await.unwrap();
    }
    let reaching =
        TenantBinding::Corporation { home: company_id("acme"), corporation: corporation_id("group") };
    for (client, apis) in [
        (client_of("cron", "acme"), &APIS[..2]),
        (client_of("crm", "labs"), &APIS[..1]),
        (Client { binding: reaching, ..client("wide") }, &APIS[2..]),
    ] {
        let id = client.id.as_str();
        let grants: Vec<_> = apis.iter().map(|api| grant(&format!("{id}-{api}"), id, api)).collect();
        store.create_client(&client, Some(&secret(id, id)), &grants, &[]).await.unwrap();
        for api in apis {
            assign(&world, id, api).await;
        }
    }
    let (erp, erp_secret, grant) =
        (client("erp"), secret("erp", "erp"), grant("erp-payroll", "erp", "payroll"));
    store.create_integration(&integration("i1", "erp"), &erp, &erp_secret, &grant, &[]).await.unwrap();
    assign(&world, "erp", "payroll").await;
    world
}

/// Assigns the handle of a client at an API, where tokens live an hour, or two at `payroll`.
pub(crate) async fn assign(world: &World, client: &str, api: &str) {
    let grant = grant_id(&format!("{client}-{api}"));
    let ttl = if api == "payroll" { 2 * HOUR } else { HOUR };
    let proposed = TokenHandle::parse(&handle(client, api)).unwrap();
    world.store.assign_token_handle(&secret_id(client), &grant, proposed, ttl, NOW).await.unwrap();
}

/// Assigns the handle of the corporation's client at `status` for tokens narrowed to `labs`.
pub(crate) async fn assign_narrowed(world: &World) {
    let reach = GrantReach { client_grant_id: grant_id("wide-status"), company_id: Some(company_id("labs")) };
    let proposed = TokenHandle::parse("widelabs000").unwrap();
    world.store.assign_token_handle(&secret_id("wide"), reach, proposed, HOUR, NOW).await.unwrap();
}

/// What [`assign`] calls it.
pub(crate) fn handle(client: &str, api: &str) -> String {
    format!("{client}{api}0000000000")[..11].to_owned()
}
