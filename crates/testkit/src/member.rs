//! A person who has signed in, and what they let applications have: as sign-in and consent leave it in the database.

use std::time::Duration;

use serde_json::{Map, json};
use tokenry_clock::Clock as _;
use tokenry_engine::manage::NewClient;
use tokenry_engine::session::Purpose;
use tokenry_jose::{base64url, sha256};
use tokenry_model::{
    Actor, AuthMethod, AuthorizationCode, ClientId, ClientType, CompanyId, Digest, DigestDomain, Event,
    Membership, Record, ResourceServer, SessionId, SystemRng, Tenant, TokenFamily, TokenHandle, User, UserId,
    UserState,
};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;
use tokenry_store::{CodeIssue, FamilyView, IssueCode, PendingRequest};

use crate::answer::Answer;
use crate::app::TestApp;
use crate::demo::{AUDIENCE, DemoClient, SCOPES};

/// Where the applications of tests are sent their codes.
pub const CALLBACK: &str = "http://127.0.0.1:8702/callback";

/// The verifier of RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A person who has signed in.
#[derive(Clone, Debug)]
pub struct Member {
    /// `sub`.
    pub id: UserId,
    /// `sid`.
    pub session: SessionId,
    /// The company that they act for.
    pub company: CompanyId,
}

impl TestApp {
    /// A member of Acme with a role of their own that holds all four scopes, signed in.
    pub async fn member(&self, name: &str) -> Member {
        let now = self.clock.now();
        let id = UserId::parse(&format!("usr_{name}")).unwrap();
        let user = User {
            id: id.clone(),
            username: format!("{name}@acme.example"),
            email_verified_at: Some(now),
            name: Some(format!("{name} Example")),
            claims: Map::new(),
            state: UserState::Enabled,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.store.create_user(&user, &[]).await.unwrap();
        self.employ(&id).await
    }

    /// Gives a user a membership of Acme, and a session beside what browsers they have.
    pub async fn employ(&self, user: &UserId) -> Member {
        let company = CompanyId::parse(&self.demo.acme).unwrap();
        let name = user.as_str().trim_start_matches("usr_");
        let role = format!("role-of-{name}");
        let api = self.api().await.id;
        self.database.execute(&format!(
            "INSERT INTO roles (name, description, corporation_wide, created_at) VALUES ('{role}', '', 0, 0); \
             INSERT INTO role_permissions (role, resource_server_id, scope) VALUES ('{role}', '{api}', '{}')",
            SCOPES.join(" ")
        ));
        let membership = Membership {
            user_id: user.clone(),
            company_id: company.clone(),
            roles: vec![role],
            created_at: self.clock.now(),
        };
        self.store.add_membership(&membership, &[]).await.unwrap();
        let session = self.sign_in(user, &format!("sid-{name}"));
        Member { id: user.clone(), session, company }
    }

    /// A session of a user's, as signing in leaves one.
    pub fn sign_in(&self, user: &UserId, id: &str) -> SessionId {
        let digest = Digest::of(DigestDomain::Session, &Secret::new(id.to_owned()));
        let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = match self.database.folder() {
            None => format!("decode('{hex}', 'hex')"),
            Some(_folder) => format!("x'{hex}'"),
        };
        let now = self.clock.now().as_millis();
        self.database.execute(&format!(
            "INSERT INTO sessions (id, digest, user_id, auth_time, amr, user_agent, created_at, last_seen_at, \
             expires_at) VALUES ('{id}', {digest}, '{user}', {now}, '[\"pwd\"]', '', {now}, {now}, {})",
            now + 86_400_000
        ));
        SessionId::parse(id).unwrap()
    }

    /// The cookie of a person's session, as their browser has it.
    #[must_use]
    pub fn cookie(&self, person: &Member) -> String {
        let (now, payload) = (self.clock.now(), json!({"value": person.session.as_str()}));
        let end = now.plus(Duration::from_secs(86_400));
        let sealed = self.engine.seal(Purpose::SessionCookie, &payload, end, now).unwrap();
        format!("{}={sealed}", Purpose::SessionCookie.cookie().unwrap())
    }

    /// An application of that type, whose ceiling at the Timesheets API is `scopes`; all, if there are none.
    pub async fn application(&self, kind: ClientType, name: &str, scopes: &[&str]) -> DemoClient {
        let new = NewClient { redirect_uris: vec![CALLBACK.to_owned()], ..NewClient::new(kind, name) };
        let created = self.manager.create_client(new).await.unwrap();
        let id = created.client.id.to_string();
        let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.manager.create_grant(&id, AUDIENCE, &scopes).await.unwrap();
        let secret = created.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
        DemoClient { id, secret }
    }

    /// What a person lets an application have at the Timesheets API, about to be issued.
    pub async fn authorization(
        &self,
        person: &Member,
        client: &DemoClient,
        scope: &str,
    ) -> (CodeIssue, String) {
        let (now, api) = (self.clock.now(), self.api().await);
        let handle = TokenHandle::generate(&SystemRng);
        let value = AuthorizationCode::generate(&SystemRng);
        let client_id = ClientId::parse(&client.id).unwrap();
        let view = FamilyView {
            client: self.store.find_client(&client_id).await.unwrap().unwrap().version,
            user: self.store.find_user(&person.id).await.unwrap().unwrap().version,
            resource_server: Some(api.version),
            company: Some(self.store.find_company(&person.company).await.unwrap().unwrap().version),
        };
        let code = AuthorizationCode {
            digest: Digest::of(DigestDomain::AuthorizationCode, &value),
            handle: handle.clone(),
            redirect_uri: CALLBACK.to_owned(),
            code_challenge: Some(base64url::encode(&sha256(VERIFIER.as_bytes()))),
            nonce: Some("n-0S6_WzA2Mj".to_owned()),
            created_at: now,
            expires_at: now.plus(Duration::from_secs(60)),
            redeemed_at: None,
        };
        let request = PendingRequest {
            id: format!("request-{}", handle.as_str()),
            ends_at: now.plus(Duration::from_secs(3_600)),
        };
        let family = TokenFamily {
            handle,
            client_id,
            user_id: person.id.clone(),
            session_id: person.session.clone(),
            resource_server_id: Some(api.id),
            tenant: Some(Tenant { company: person.company.clone(), corporation: None }),
            scope: Scope::parse(scope).unwrap(),
            auth_time: now,
            amr: vec![AuthMethod::Password],
            claims_request: Map::new(),
            longest_ttl: Duration::from_secs(900),
            created_at: now,
            expires_at: now.plus(Duration::from_secs(960)),
        };
        let record = Record::new(now, Event::CodeIssued, Actor::User(person.id.clone()), None);
        (CodeIssue { family, code, request, view, record }, value.expose().to_owned())
    }

    /// The code that an application gets of a person.
    pub async fn code(&self, person: &Member, client: &DemoClient, scope: &str) -> String {
        let (issue, code) = self.authorization(person, client, scope).await;
        assert_eq!(self.store.issue_code(issue).await.unwrap(), IssueCode::Issued);
        code
    }

    /// Asks for the tokens of a code, with these parameters in the place of the right ones; an empty one is left out.
    pub async fn redeem(&self, client: &DemoClient, code: &str, other: &[(&str, &str)]) -> Answer {
        let right = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.ask_as(client, &right, other).await
    }

    /// Asks for the tokens of a refresh token, likewise.
    pub async fn refresh(&self, client: &DemoClient, token: &str, other: &[(&str, &str)]) -> Answer {
        self.ask_as(client, &[("grant_type", "refresh_token"), ("refresh_token", token)], other).await
    }

    async fn ask_as(&self, client: &DemoClient, right: &[(&str, &str)], other: &[(&str, &str)]) -> Answer {
        let own = [("client_id", client.id.as_str()), ("client_secret", client.secret.as_str())];
        let kept = own.iter().chain(right).filter(|(name, _)| !other.iter().any(|(it, _)| it == name));
        let form: Vec<_> = kept.chain(other).filter(|(_, value)| !value.is_empty()).collect();
        Answer::to(self.token_request().form(&form)).await
    }

    async fn api(&self) -> ResourceServer {
        self.store.find_resource_server_by_audience(AUDIENCE).await.unwrap().unwrap()
    }
}
