//! The demo's people: roles, users with passwords, and the applications that act for them, each at its own port.

use std::time::Duration;

use anyhow::Context as _;
use tokenry_engine::manage::{
    Allowance, AllowedScopes, ImportPat, Manager, NewClient, NewRole, NewSecret, NewUser,
};
use tokenry_engine::seed::Seed;
use tokenry_model::{ClientType, CompanyId, User, UserState};
use tokenry_protocol::secret::{Brand, Secret, SecretKind};
use tokenry_store::Error as StoreError;

use super::Reach;
use super::demo::{AUDIENCE, once, working_secret};
use crate::failure::Result;
use crate::host::Host;

/// Set once everybody is there: who is removed later stays away.
const SEEDED_MARK: &str = "dev_people_seeded";
/// There while root is disabled by us, and not by the operator.
const ROOT_ASIDE: &str = "dev_root_aside";
/// Set once everybody has a personal access token: what is revoked later stays so.
const PATS_MARK: &str = "dev_pats_seeded";
/// Set once developers have an account secret: what is revoked later stays so.
const SECRETS_MARK: &str = "dev_account_secrets_seeded";
/// How long those tokens live.
const PAT_LIFETIME: Duration = Duration::from_secs(365 * 86_400);
/// Which user root is.
const ROOT_ID: &str = "dev_root_id";
/// Who administers.
pub(super) const ROOT: &str = "root@tokenry.example";

/// One of the demo's users.
#[derive(Debug)]
pub(crate) struct DemoUser {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) username: &'static str,
    /// Absent when it was changed.
    pub(crate) password: Option<Secret>,
    /// Absent when it was revoked, replaced or has expired.
    pub(crate) pat: Option<Secret>,
    /// Absent of who is no developer, and when it was revoked or rotated.
    pub(crate) account_secret: Option<Secret>,
    /// Who it is, for people.
    pub(crate) about: &'static str,
}

/// One of the demo's applications that act for users.
#[derive(Debug)]
pub(crate) struct DemoApp {
    pub(crate) name: &'static str,
    pub(crate) client_id: String,
    /// Absent when it was revoked or rotated, and where the application can keep none.
    pub(crate) client_secret: Option<Secret>,
    pub(crate) redirect_uris: Vec<String>,
    /// The example that it is, and who may want to sign in there.
    pub(crate) program: Option<Program>,
}

/// An example to be started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    pub(crate) package: &'static str,
    pub(crate) about: &'static str,
}

struct UserPlan {
    name: &'static str,
    title: &'static str,
    username: &'static str,
    /// The company, and the role there.
    member: Option<(&'static str, &'static str)>,
    about: &'static str,
    /// Whether the account has a secret.
    developer: bool,
}

const USERS: [UserPlan; 4] = [
    UserPlan {
        name: "ann",
        title: "Ann",
        username: "ann@acme.example",
        member: Some(("acme", "manager")),
        about: "manager at Acme",
        developer: true,
    },
    UserPlan {
        name: "bob",
        title: "Bob",
        username: "bob@acme.example",
        member: Some(("acme", "employee")),
        about: "employee at Acme",
        developer: false,
    },
    UserPlan {
        name: "carl",
        title: "Carl",
        username: "carl@globex.example",
        member: Some(("globex", "contractor")),
        about: "contractor at Globex",
        developer: false,
    },
    UserPlan {
        name: "root",
        title: "Root",
        username: ROOT,
        member: None,
        about: "of no company",
        developer: false,
    },
];

/// Names, what they are, and which of the demo's scopes they allow.
const ROLES: [(&str, &str, &[&str]); 3] = [
    (
        "manager",
        "Decides about timesheets",
        &["read:timesheets", "create:timesheets", "delete:timesheets", "approve:timesheets"],
    ),
    ("employee", "Keeps timesheets", &["read:timesheets", "create:timesheets"]),
    ("contractor", "Keeps timesheets of another company", &["read:timesheets", "create:timesheets"]),
];

struct AppPlan {
    name: &'static str,
    title: &'static str,
    kind: ClientType,
    origin: &'static str,
    /// Where it is told of sessions that end, if it wants to be.
    told_at: Option<&'static str>,
    /// The most that its tokens carry; none: all that the API defines.
    scopes: &'static [&'static str],
    skip_consent: bool,
    program: Option<Program>,
}

/// Where the page in the browser is served from, which calls the API itself.
pub(crate) const SPA_ORIGIN: &str = "http://127.0.0.1:8704";

const APPS: [AppPlan; 3] = [
    AppPlan {
        name: "web",
        title: "Timesheets",
        kind: ClientType::Web,
        origin: "http://127.0.0.1:8702",
        told_at: Some("/backchannel-logout"),
        scopes: &[],
        skip_consent: true,
        program: Some(Program {
            package: "timesheets-web",
            about: "The employees' web application (sign in as ann or bob)",
        }),
    },
    AppPlan {
        name: "contractors",
        title: "Contractors",
        kind: ClientType::ThirdParty,
        origin: "http://127.0.0.1:8703",
        told_at: None,
        scopes: &["read:timesheets", "create:timesheets"],
        skip_consent: false,
        program: Some(Program {
            package: "contractors-app",
            about: "Another company's application (connect as carl)",
        }),
    },
    AppPlan {
        name: "spa",
        title: "Timesheets in the browser",
        kind: ClientType::Spa,
        origin: SPA_ORIGIN,
        told_at: None,
        scopes: &[],
        skip_consent: false,
        program: None,
    },
];

/// The applications' names, as their ids are derived from.
pub(super) fn app_names() -> impl Iterator<Item = &'static str> {
    APPS.iter().map(|plan| plan.name)
}

/// Makes them if that has not been done. A start that was cut off in the middle is taken up again by the next.
pub(super) async fn seed(host: &Host, manager: &Manager, seed: &Seed, brand: &Brand) -> Result {
    let marked = host.store.find_meta(SEEDED_MARK).await.context("the database cannot be read")?;
    if marked.is_some() {
        return Ok(());
    }
    for (name, description, scopes) in ROLES {
        let scopes = AllowedScopes::Only(owned(scopes));
        let allow = vec![Allowance { api: AUDIENCE.to_owned(), scopes }];
        let (name, description) = (name.to_owned(), description.to_owned());
        once(manager.create_role(NewRole { name, description, allow, ..NewRole::default() }).await)?;
    }
    for plan in USERS {
        create_user(manager, seed, &plan).await?;
    }
    for plan in APPS {
        create_app(manager, seed, brand, &plan).await?;
    }
    host.store.put_meta_if_absent(SEEDED_MARK, vec![1]).await.context("the demo cannot be seeded")?;
    Ok(())
}

/// Gives everybody a personal access token if that has not been done, also in a demo that is older than those.
pub(super) async fn seed_pats(host: &Host, manager: &Manager, seed: &Seed, brand: &Brand) -> Result {
    let marked = host.store.find_meta(PATS_MARK).await.context("the database cannot be read")?;
    if marked.is_some() {
        return Ok(());
    }
    for plan in USERS {
        let token = pat(seed, brand, plan.name);
        let known = manager.knows_pat(&token).await?;
        let Ok(user) = manager.user(plan.username).await else { continue };
        if known || user.state != UserState::Enabled {
            continue;
        }
        let company = plan.member.map(|(name, _role)| seed.uuid(&format!("company/{name}")));
        let import = ImportPat {
            user: user.id.to_string(),
            company: company.and_then(|id| CompanyId::parse(&id).ok()),
            name: "dev".to_owned(),
            lifetime: PAT_LIFETIME,
            token,
        };
        manager.import_pat(import).await?;
    }
    host.store.put_meta_if_absent(PATS_MARK, vec![1]).await.context("the demo cannot be seeded")?;
    Ok(())
}

/// Gives developers an account secret if that has not been done, also in a demo that is older than those.
pub(super) async fn seed_account_secrets(
    host: &Host,
    manager: &Manager,
    seed: &Seed,
    brand: &Brand,
) -> Result {
    let marked = host.store.find_meta(SECRETS_MARK).await.context("the database cannot be read")?;
    if marked.is_some() {
        return Ok(());
    }
    for plan in USERS.iter().filter(|plan| plan.developer) {
        once(manager.import_account_secret(plan.username, account_secret(seed, brand, plan.name)).await)?;
    }
    host.store.put_meta_if_absent(SECRETS_MARK, vec![1]).await.context("the demo cannot be seeded")?;
    Ok(())
}

fn account_secret(seed: &Seed, brand: &Brand, name: &str) -> Secret {
    seed.secret(brand, SecretKind::AccountSecret, &format!("account/{name}"))
}

fn pat(seed: &Seed, brand: &Brand, name: &str) -> Secret {
    seed.secret(brand, SecretKind::PersonalAccessToken, &format!("pat/{name}"))
}

/// Disables root where others can reach this server, which also ends root's sessions, and enables them again where nobody can.
/// Whom the operator has disabled stays so.
pub(super) async fn let_root_in(host: &Host, manager: &Manager, reach: Reach) -> Result {
    let unreadable = "the database cannot be read";
    let Some(root) = root(host, manager).await.context(unreadable)? else { return Ok(()) };
    let aside = host.store.find_meta(ROOT_ASIDE).await.context(unreadable)?.is_some();
    match reach {
        Reach::Others if root.state == UserState::Enabled => {
            host.store.put_meta_if_absent(ROOT_ASIDE, vec![1]).await.context(unreadable)?;
            manager.disable_user(root.id.as_str()).await?;
        }
        Reach::ThisMachine if aside => {
            manager.enable_user(root.id.as_str()).await?;
            host.store.remove_meta(ROOT_ASIDE).await.context(unreadable)?;
        }
        Reach::Others | Reach::ThisMachine => {}
    }
    Ok(())
}

/// Root, also once they have another address than the demo gave them.
async fn root(host: &Host, manager: &Manager) -> std::result::Result<Option<User>, StoreError> {
    if let Some(id) = host.store.find_meta(ROOT_ID).await? {
        return Ok(manager.user(&String::from_utf8_lossy(&id)).await.ok());
    }
    let found = manager.user(ROOT).await.ok();
    if let Some(root) = &found {
        host.store.put_meta_if_absent(ROOT_ID, root.id.as_str().as_bytes().to_vec()).await?;
    }
    Ok(found)
}

async fn create_user(manager: &Manager, seed: &Seed, plan: &UserPlan) -> Result {
    let (company, role) = plan.member.unzip();
    let new = NewUser {
        username: plan.username.to_owned(),
        email_verified: true,
        name: Some(plan.title.to_owned()),
        company: company.map(|name| seed.uuid(&format!("company/{name}"))),
        roles: role.map(str::to_owned).into_iter().collect(),
        ..NewUser::default()
    };
    once(manager.create_user(new).await)?;
    once(manager.set_user_password(plan.username, &seed.password(plan.name)).await)
}

async fn create_app(manager: &Manager, seed: &Seed, brand: &Brand, plan: &AppPlan) -> Result {
    let client_id = seed.client_id(plan.name).to_string();
    let secret = seed.secret(brand, SecretKind::ClientSecret, plan.name);
    let imported = (!plan.kind.is_public()).then_some(secret);
    let new = NewClient {
        client_id: Some(client_id.clone()),
        redirect_uris: vec![format!("{}/callback", plan.origin)],
        post_logout_redirect_uris: vec![format!("{}/", plan.origin)],
        backchannel_logout_uri: plan.told_at.map(|path| format!("{}{path}", plan.origin)),
        skip_consent: plan.skip_consent,
        secret: NewSecret { label: "demo".to_owned(), imported, ..NewSecret::default() },
        ..NewClient::new(plan.kind, plan.title)
    };
    once(manager.create_client(new).await)?;
    once(manager.create_grant(&client_id, AUDIENCE, &owned(plan.scopes)).await)
}

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// Those of the users who are still there.
pub(super) async fn users(manager: &Manager, seed: &Seed, brand: &Brand) -> Result<Vec<DemoUser>> {
    let mut users = Vec::new();
    for UserPlan { name, username, about, developer, .. } in USERS {
        let Ok(user) = manager.user(username).await else { continue };
        let password = seed.password(name);
        let works = manager.has_password(&user, &password).await?;
        let (id, password) = (user.id.to_string(), works.then_some(password));
        let token = pat(seed, brand, name);
        let pat = manager.has_pat(&token).await?.then_some(token);
        let secret = account_secret(seed, brand, name);
        let works = developer && manager.has_account_secret(&secret).await?;
        let account_secret = works.then_some(secret);
        users.push(DemoUser { name, id, username, password, pat, account_secret, about });
    }
    Ok(users)
}

/// Those of the applications that are still there.
pub(super) async fn apps(host: &Host, manager: &Manager, seed: &Seed, brand: &Brand) -> Result<Vec<DemoApp>> {
    let mut apps = Vec::new();
    for AppPlan { name, program, .. } in APPS {
        let client_id = seed.client_id(name).to_string();
        let Ok(client) = manager.client(&client_id).await else { continue };
        let secret = seed.secret(brand, SecretKind::ClientSecret, name);
        let client_secret = working_secret(manager, &client_id, secret, host.clock.now()).await?;
        apps.push(DemoApp { name, client_id, client_secret, redirect_uris: client.redirect_uris, program });
    }
    Ok(apps)
}
