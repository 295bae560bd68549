//! A personal access token does what its user may do: for any people, roles, companies, narrowings, and changes in between, what it
//! opens at an API is what an application without bounds would get for that user at that moment (R81, R82).

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rstest::rstest;
use serde_json::Value;
use tokenry_clock::Clock as _;
use tokenry_model::{
    Actor, ClientType, CompanyId, CorporationId, Event, Pat, PatApi, PatId, PatReach, PatValue, Record,
    ResourceServer, SystemRng, Tenant, TokenFormat, TokenHandle, UserState,
};
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::{Brand, Secret, SecretKind, issue};
use tokenry_store::{CreatePat, CredentialChange, IssueCode};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{AUDIENCE, DemoClient, Member, NAMESPACE, Rights, RightsChange, claims_of};

use crate::app::Server;
use crate::introspect::{another_api, introspect};

const PAYROLL: &str = "https://payroll.example.com";
/// How many changes, after each of which all is compared.
const STEPS: usize = 40;

struct World {
    server: Server,
    ann: Member,
    app: DemoClient,
    payroll: DemoClient,
    rights: Rights,
}

impl World {
    async fn on(engine: Engine) -> Self {
        let server = Server::on(engine).await;
        let payroll = another_api(&server, "payroll", TokenFormat::Jwt).await;
        let app = server.application(ClientType::Web, "app", &[]).await;
        server.manager.create_grant(&app.id, PAYROLL, &[]).await.unwrap();
        let ann = server.member("ann").await;
        let rights = Rights::of(&server, ann.id.as_str(), Some((PAYROLL, "read:all"))).await;
        Self { server, ann, app, payroll, rights }
    }

    async fn api(&self, audience: &str) -> ResourceServer {
        self.server.store.find_resource_server_by_audience(audience).await.unwrap().unwrap()
    }

    /// A token of ann's for a company, narrowed at both APIs to this, whether or not she holds it.
    async fn pat(&self, company: &str, narrowed_to: Option<&Scope>) -> Option<Secret> {
        let (now, mut entropy) = (self.server.clock.now(), [0; 32]);
        tokenry_model::Rng::fill(&SystemRng, &mut entropy);
        let token = issue(&Brand::default(), SecretKind::PersonalAccessToken, &entropy);
        let id = PatId::generate(now, &SystemRng);
        let mut reach = PatReach::Everything;
        if let Some(scope) = narrowed_to {
            let mut apis = Vec::new();
            for audience in [AUDIENCE, PAYROLL] {
                let api = self.api(audience).await;
                let scope = api.scope().intersection(scope);
                if !scope.is_empty() {
                    apis.push(PatApi { resource_server_id: api.id, scope: Some(scope) });
                }
            }
            reach = PatReach::Only(apis);
        }
        let lifetime = std::time::Duration::from_secs(3_600);
        let value = PatValue {
            digest: tokenry_model::Digest::of(tokenry_model::DigestDomain::PersonalAccessToken, &token),
            pat_id: id.clone(),
            jti: TokenHandle::generate(&SystemRng).new_jti(&SystemRng),
            last4: String::new(),
            created_at: now,
            expires_at: now.plus(lifetime),
            superseded_at: None,
            last_use: None,
        };
        let pat = Pat {
            id,
            user_id: self.ann.id.clone(),
            company_id: Some(CompanyId::parse(company).unwrap()),
            name: "any".to_owned(),
            note: String::new(),
            reach,
            allowed_addresses: Vec::new(),
            lifetime,
            created_at: now,
            ends_at: value.expires_at,
            revoked_at: None,
        };
        let records = vec![Record::new(now, Event::PatCreated, Actor::System, None)];
        let change = CredentialChange::new(now, records, None);
        let created = self.server.store.create_pat(&pat, &value, 1_000, change).await.unwrap();
        (created == CreatePat::Created).then_some(token)
    }

    /// What a token opens at an API: scope and tenant; `None`: nothing.
    async fn opens(&self, token: &Secret, api: &DemoClient) -> Option<(String, Value)> {
        let told = introspect(&self.server, api, token.expose()).await.json();
        told.get("scope").map(|scope| (scope.as_str().unwrap().to_owned(), told[NAMESPACE].clone()))
    }

    /// What an application without bounds of its own would get of ann for a company and an API, if she let it have all of that.
    async fn would_get(
        &self,
        company: &str,
        audience: &str,
        narrowed_to: Option<&Scope>,
    ) -> Option<(String, Value)> {
        let (server, api) = (&self.server, self.api(audience).await);
        let user = server.store.find_user(&self.ann.id).await.unwrap().unwrap();
        if user.state != UserState::Enabled {
            return None;
        }
        let company = server.store.find_company(&CompanyId::parse(company).unwrap()).await.unwrap().unwrap();
        let scope = api.scope();
        let scope = narrowed_to.map_or(scope.clone(), |narrow| scope.intersection(narrow));
        if scope.is_empty() {
            return None;
        }
        let (mut issue, code) = server.authorization(&self.ann, &self.app, "read:timesheets").await;
        issue.family.scope = scope;
        issue.family.resource_server_id = Some(api.id);
        let corporation: Option<CorporationId> = company.corporation_id;
        issue.family.tenant = Some(Tenant { company: company.id, corporation });
        issue.view.resource_server = Some(api.version);
        issue.view.company = Some(company.version);
        if server.store.issue_code(issue).await.unwrap() != IssueCode::Issued {
            return None;
        }
        let answer = server.redeem(&self.app, &code, &[]).await;
        if answer.status != 200 {
            return None;
        }
        let claims = claims_of(&answer.token());
        Some((claims["scope"].as_str().unwrap().to_owned(), claims[NAMESPACE].clone()))
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r81_r82_a_token_does_what_its_user_may_do_then(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::on(engine).await;
    let narrowings = [
        None,
        Some(Scope::parse("read:timesheets").unwrap()),
        Some(Scope::parse("create:timesheets read:all").unwrap()),
    ];
    let mut pats = Vec::new();
    for company in &world.rights.companies {
        for narrowed_to in &narrowings {
            let token = world.pat(company, narrowed_to.as_ref()).await.unwrap();
            pats.push((company.clone(), narrowed_to.clone(), token));
        }
    }
    // The same changes each time: what is compared is never left to luck.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut opened, mut refused, mut wide) = (0, 0, 0);
    for step in 0..STEPS {
        let change = RightsChange::any().new_tree(&mut runner).unwrap().current();
        world.rights.change(&change).await;
        for (company, narrowed_to, token) in &pats {
            for (audience, api) in [(AUDIENCE, &world.server.demo.api), (PAYROLL, &world.payroll)] {
                let opens = world.opens(token, api).await;
                let would_get = world.would_get(company, audience, narrowed_to.as_ref()).await;
                assert_eq!(
                    opens, would_get,
                    "step {step}, {change:?}: {company}, {audience}, {narrowed_to:?}"
                );
                match opens {
                    None => refused += 1,
                    Some((_scope, tenant)) => {
                        opened += 1;
                        wide += i32::from(tenant.get("corporationId").is_some());
                    }
                }
            }
        }
    }
    assert!(opened > 50 && refused > 50 && wide > 10, "{opened} {refused} {wide}: too much of one kind");
}
