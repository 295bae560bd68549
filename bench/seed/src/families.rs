//! Authorizations: what one user let one application do, each with a refresh token that nobody has used.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokenry_clock::{Clock, SystemClock, Timestamp};
use tokenry_model::{
    Actor, AuthMethod, AuthorizationCode, Client, ClientId, ClientType, Company, CompanyId, Digest,
    DigestDomain, Event, Record, RefreshToken, RefreshTokenState, ResourceServer, Rng as _, Session,
    SessionId, Subject, SystemRng, Tenant, TenantBinding, TokenFamily, TokenHandle, User,
};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::{
    BeginSession, CodeIssue, CodeRedemption, FamilyIssue, FamilyView, FirstRefreshToken, IssueCode,
    PendingRequest, RedeemCode, SessionCap, Store,
};
use tokio::task::JoinSet;

use super::people::{Person, person};
use super::{AUDIENCE, SCOPES, at_once, client, made, store_client};

const DAY: Duration = Duration::from_secs(86_400);

/// Who lets whom do something.
#[derive(Clone)]
struct World {
    api: ResourceServer,
    company: Company,
    user: User,
    session: Session,
    client: Client,
    secret: String,
}

/// Prints a line `client_id<TAB>client_secret<TAB>refresh_token` for each.
pub(crate) async fn fill(store: &Store, count: usize) -> Result<()> {
    let world = surroundings(store).await?;
    let mut making = JoinSet::new();
    for _ in 0..count {
        if making.len() == at_once(store.db()) {
            print(&world, &making.join_next().await.context("a full set is not empty")???);
        }
        making.spawn_local(authorize(store.clone(), world.clone()));
    }
    while let Some(made) = making.join_next().await {
        print(&world, &made??);
    }
    store.db().close().await;
    Ok(())
}

fn print(world: &World, token: &Secret) {
    println!("{}\t{}\t{}", world.client.id, world.secret, token.expose());
}

async fn surroundings(store: &Store) -> Result<World> {
    let now = SystemClock.now();
    let api = store.find_resource_server_by_audience(AUDIENCE).await?.context("make clients first")?;
    let Person { company, user } = person(store, &api, now).await?;
    let session = session(&user, now)?;
    let begin = BeginSession {
        session: session.clone(),
        user_version: user.version,
        replaced: None,
        device: None,
        cap: SessionCap {
            most: 1,
            used_since: now,
            begun_since: now,
            ended: made(now, Event::SessionEnded, Subject::Session(session.id.clone())),
        },
    };
    ensure!(store.begin_session(&begin, &[]).await?, "no session began");
    let (client, secret) = application(store, &api, now).await?;
    Ok(World { api, company, user, session, client, secret })
}

fn session(user: &User, now: Timestamp) -> Result<Session> {
    Ok(Session {
        id: SessionId::parse("bench")?,
        digest: Digest::of(DigestDomain::Session, &Secret::new("bench".to_owned())),
        user_id: user.id.clone(),
        company_id: None,
        auth_time: now,
        amr: vec![AuthMethod::Password],
        address: None,
        user_agent: String::new(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(30 * DAY),
    })
}

/// A web application with a secret, which may refresh.
async fn application(store: &Store, api: &ResourceServer, now: Timestamp) -> Result<(Client, String)> {
    let kind = ClientType::Web;
    let machine = client(ClientId::generate(&SystemRng), CompanyId::generate(now, &SystemRng), now);
    let client = Client {
        name: "Web".to_owned(),
        kind,
        auth_method: kind.default_auth_method(),
        binding: TenantBinding::Unbound,
        redirect_uris: vec!["http://127.0.0.1:8702/callback".to_owned()],
        ..machine
    };
    let secret = store_client(store, &client, api).await?;
    Ok((client, secret.expose().to_owned()))
}

/// One authorization, its code redeemed.
async fn authorize(store: Store, world: World) -> Result<Secret> {
    let now = SystemClock.now();
    let handle = TokenHandle::generate(&SystemRng);
    let family = family(&world, handle.clone(), now)?;
    let code = Digest::of(DigestDomain::AuthorizationCode, &AuthorizationCode::generate(&SystemRng));
    let view = FamilyView {
        client: world.client.version,
        user: world.user.version,
        resource_server: Some(world.api.version),
        company: Some(world.company.version),
    };
    let record = |event| Record::new(now, event, Actor::User(world.user.id.clone()), None);
    let issue = CodeIssue {
        code: AuthorizationCode {
            digest: code.clone(),
            handle: handle.clone(),
            redirect_uri: String::new(),
            code_challenge: None,
            nonce: None,
            created_at: now,
            expires_at: now.plus(DAY),
            redeemed_at: None,
        },
        family,
        request: PendingRequest { id: handle.as_str().to_owned(), ends_at: now },
        view,
        record: record(Event::CodeIssued),
    };
    ensure!(store.issue_code(issue).await? == IssueCode::Issued, "no code was issued");
    let (token, refresh_token) = refresh_token(handle, now);
    let redemption = CodeRedemption {
        digest: code,
        at: now,
        issue: FamilyIssue {
            view,
            kids: Vec::new(),
            ttl: Duration::from_secs(900),
            opaque: None,
            record: record(Event::TokenIssued),
        },
        id_token: false,
        refresh_token: Some(FirstRefreshToken { token: refresh_token, family_ends_at: now.plus(90 * DAY) }),
        replay: record(Event::CodeReplayed),
    };
    ensure!(store.redeem_code(redemption).await? == RedeemCode::First, "no code was redeemed");
    Ok(token)
}

fn family(world: &World, handle: TokenHandle, now: Timestamp) -> Result<TokenFamily> {
    Ok(TokenFamily {
        handle,
        client_id: world.client.id.clone(),
        user_id: world.user.id.clone(),
        session_id: world.session.id.clone(),
        resource_server_id: Some(world.api.id.clone()),
        tenant: Some(Tenant { company: world.company.id.clone(), corporation: None }),
        scope: Scope::parse(&format!("openid offline_access {}", SCOPES.join(" ")))?,
        auth_time: now,
        amr: vec![AuthMethod::Password],
        claims_request: Default::default(),
        longest_ttl: Duration::from_secs(900),
        created_at: now,
        expires_at: now.plus(90 * DAY),
    })
}

fn refresh_token(handle: TokenHandle, now: Timestamp) -> (Secret, RefreshToken) {
    let mut entropy = [0; 32];
    SystemRng.fill(&mut entropy);
    let value = issue(&Brand::default(), SecretKind::RefreshToken, &entropy);
    let token = RefreshToken {
        digest: Digest::of(DigestDomain::RefreshToken, &value),
        handle,
        created_at: now,
        expires_at: now.plus(30 * DAY),
        state: RefreshTokenState::Fresh,
    };
    (value, token)
}
