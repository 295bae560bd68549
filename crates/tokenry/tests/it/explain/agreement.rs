//! The same tokens to the command and to a real guard: both say the same, and the command names what is wrong.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Map, Value, json};
use tokenry_clock::Clock as _;
use tokenry_engine::keys::Outgoing;
use tokenry_engine::manage::{NewApi, NewClient, NewSecret};
use tokenry_jose::{Algorithm, SigningKey, base64url};
use tokenry_model::{ClientType, KeyState, TokenFormat};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::secret::{Brand, SecretKind, issue};
use tokenry_testkit::Engine::{self, Postgres, Sqlite};
use tokenry_testkit::{Answer, DemoClient, NAMESPACE, SCOPES, claims_of, header_of};

use super::world::{Api, Asked, World, sign};

pub(super) const ALLOWED: (u64, &str) = (200, "allowed");
pub(super) const INVALID: (u64, &str) = (401, "invalid_token");
const EXPIRED: (u64, &str) = (401, "token_expired");
const MISMATCH: (u64, &str) = (403, "tenant_mismatch");
const WHOAMI: &str = "GET /whoami";

/// A change of a token's claims.
type Edit = Box<dyn FnOnce(&mut Map<String, Value>)>;
/// Its name, what comes of it, and which checks fail.
type Edited<'a> = (&'a str, Edit, (u64, &'a str), &'a [&'a str]);

/// A token, where it is shown, what comes of it, and which checks fail.
pub(super) struct Case<'a> {
    name: &'a str,
    token: String,
    route: String,
    due: (u64, &'a str),
    failing: &'a [&'a str],
}

pub(super) fn case<'a>(name: &'a str, token: &str, due: (u64, &'a str), failing: &'a [&'a str]) -> Case<'a> {
    Case { name, token: token.to_owned(), route: WHOAMI.to_owned(), due, failing }
}

impl Case<'_> {
    fn at(self, route: &str) -> Self {
        Self { route: route.to_owned(), ..self }
    }

    pub(super) async fn check(&self, world: &World, api: &Api) {
        let Self { name, token, route, due, failing } = self;
        let asked = Asked { token, route };
        let explained = world.explain(api, &asked);
        let said = (explained["status"].as_u64().unwrap(), explained["code"].as_str().unwrap());
        assert_eq!(said, *due, "{name}: {explained:#}");
        let checks = explained["checks"].as_array().unwrap();
        assert_eq!(checks.len(), 18, "every check is listed");
        let failed = checks.iter().filter(|check| check["result"] == "fail");
        let failed: Vec<_> = failed.map(|check| check["check"].as_str().unwrap()).collect();
        assert_eq!(failed, *failing, "{name}: {explained:#}");
        api.must_answer(&asked, &explained, name).await;
    }
}

async fn check_all(world: &World, cases: Vec<Case<'_>>) {
    for case in cases {
        case.check(world, &world.api).await;
    }
}

/// A token's parts with another header; the signature is as it was.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", base64url::encode(header.to_string().as_bytes()))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r15_forms_keys_and_signatures(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.app;
    let cron = app.token(&app.demo.cron).await;
    let header = header_of(&cron);
    let edited = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        with_header(&cron, &header)
    };
    let payload = claims_of(&cron).to_string();
    let active = world.key(|state| matches!(state, KeyState::Active { .. })).await;
    let pending = world.key(|state| state == KeyState::Pending).await;
    let (foreign, _pkcs8) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let mut kidless = header.clone();
    kidless.as_object_mut().unwrap().remove("kid");
    let (head, signature) = cron.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let twice = payload.replacen('{', "{\"iss\":\"x\",", 1);
    let secret = issue(&Brand::default(), SecretKind::ClientSecret, &[7; 32]);
    check_all(
        &world,
        vec![
            case("genuine", &cron, ALLOWED, &[]),
            case("of the next key", &sign(&pending, "at+jwt", &payload), ALLOWED, &[]),
            case("typ in another spelling", &sign(&active, "application/AT+JWT", &payload), ALLOWED, &[]),
            case("no token", "nonsense", INVALID, &["framing"]),
            case("two words", "two words", INVALID, &["framing"]),
            case("two parts", "a.b", INVALID, &["framing"]),
            case("encrypted", "a.b.c.d.e", INVALID, &["framing"]),
            case("an unknown opaque token", &"7".repeat(43), INVALID, &["framing"]),
            case("a client's secret", secret.expose(), INVALID, &["framing"]),
            case("a secret that was cut off", &secret.expose()[..30], INVALID, &["framing"]),
            case("a critical extension", &edited("crit", json!(["x"])), INVALID, &["framing"]),
            case("a key in the header", &edited("jwk", json!({})), INVALID, &["framing"]),
            case("alg none", &edited("alg", json!("none")), INVALID, &["algorithm"]),
            case("alg HS256", &edited("alg", json!("HS256")), INVALID, &["algorithm"]),
            case("another alg", &edited("alg", json!("ES256")), INVALID, &["algorithm"]),
            case("no kid", &with_header(&cron, &kidless), INVALID, &["key"]),
            case("kid is no text", &edited("kid", json!(7)), INVALID, &["key"]),
            case("unknown kid", &edited("kid", json!("unknown")), INVALID, &["key"]),
            case("a key of nobody", &sign(&foreign, "at+jwt", &payload), INVALID, &["key"]),
            case("the next key's kid", &edited("kid", json!(pending.kid())), INVALID, &["signature"]),
            case("an ID token's typ", &sign(&active, "JWT", &payload), INVALID, &["type"]),
            case("no text for a typ", &edited("typ", json!(1)), INVALID, &["type"]),
            case("broken signature", &format!("{head}.{other}{}", &signature[1..]), INVALID, &["signature"]),
            case("two issuers", &sign(&active, "at+jwt", &twice), INVALID, &["claims"]),
            case("no claims", &sign(&active, "at+jwt", "[]"), INVALID, &["claims"]),
            case("nobody looks", "nonsense", ALLOWED, &[]).at("GET /healthz"),
            case("no such path", &cron, (404, "not_found"), &["route"]).at("GET /nothing"),
            case("no such method", &cron, (405, "method_not_allowed"), &["route"]).at("PUT /whoami"),
            case("HEAD", "nonsense", ALLOWED, &[]).at("HEAD /healthz"),
        ],
    )
    .await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r63_what_a_token_says(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.app;
    let cron = app.token(&app.demo.cron).await;
    let (now, issuer) = (app.clock.now().as_secs(), app.issuer.clone());
    let aud = claims_of(&cron)["aud"].clone();
    let set = |name: &str, value: Value| -> Edit {
        let name = name.to_owned();
        Box::new(move |claims| drop(claims.insert(name, value)))
    };
    let without = |name: &str| -> Edit {
        let name = name.to_owned();
        Box::new(move |claims| drop(claims.remove(&name)))
    };
    let edits: Vec<Edited<'_>> = vec![
        ("a slash after the issuer", set("iss", json!(format!("{issuer}/"))), INVALID, &["issuer"]),
        ("no issuer", without("iss"), INVALID, &["issuer"]),
        ("another audience", set("aud", json!("https://x.example")), INVALID, &["audience"]),
        ("two audiences", set("aud", json!(["https://x.example", aud])), ALLOWED, &[]),
        ("an audience that is no text", set("aud", json!([aud, 1])), INVALID, &["audience"]),
        ("no audience", set("aud", json!([])), INVALID, &["audience"]),
        ("no exp", without("exp"), INVALID, &["claims"]),
        ("exp as text", set("exp", json!("2030")), INVALID, &["claims"]),
        ("exp with a fraction", set("exp", json!(1.8e9 + 0.5)), INVALID, &["claims"]),
        ("no iat", without("iat"), INVALID, &["claims"]),
        ("bound to a key", set("cnf", json!({})), INVALID, &["claims"]),
        ("no jti", without("jti"), INVALID, &["claims"]),
        ("another party", set("azp", json!("x")), INVALID, &["claims"]),
        ("not the client itself", set("sub", json!("usr_x")), INVALID, &["claims", "user"]),
        ("an empty gty", set("gty", json!("")), INVALID, &["claims"]),
        ("a scope that is none", set("scope", json!("a  b")), INVALID, &["claims"]),
        ("no scope", without("scope"), (403, "insufficient_scope"), &["scope"]),
        ("no tenant", without(NAMESPACE), INVALID, &["tenant"]),
        ("no company", set(NAMESPACE, json!({"corporationId": "x"})), INVALID, &["tenant"]),
        ("null for a company", set(NAMESPACE, json!({"companyId": null})), INVALID, &["tenant"]),
        ("expired", set("exp", json!(now - 1)), EXPIRED, &["dates"]),
        ("expires now", set("exp", json!(now)), EXPIRED, &["dates"]),
        ("expires soon", set("exp", json!(now + 1)), ALLOWED, &[]),
        ("not valid yet", set("nbf", json!(now + 6)), INVALID, &["dates"]),
        ("valid in a moment", set("nbf", json!(now + 5)), ALLOWED, &[]),
        ("issued in the future", set("iat", json!(now + 6)), INVALID, &["dates"]),
    ];
    for (name, edit, due, failing) in edits {
        case(name, &world.forge(&cron, edit).await, due, failing).check(&world, &world.api).await;
    }
    // The first check that fails is what the API answers.
    let both = world
        .forge(&cron, |claims| {
            claims.remove(NAMESPACE);
            claims.insert("exp".to_owned(), json!(now - 1));
        })
        .await;
    case("expired, no tenant", &both, INVALID, &["tenant", "dates"]).check(&world, &world.api).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r24_r26_r71_scopes_and_companies(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (app, demo) = (&world.app, &world.app.demo);
    let (cron, group) = (app.token(&demo.cron).await, app.token(&demo.group).await);
    let readonly = app.token(&demo.readonly).await;
    let narrowed = app.ask(&demo.group, &[("company_id", &demo.acme_labs)]).await.token();
    let of = |method: &str, company: &str| format!("{method} /companies/{company}/timesheets");
    let (acme, labs, globex) = (of("GET", &demo.acme), of("GET", &demo.acme_labs), of("GET", &demo.globex));
    let insufficient = (403, "insufficient_scope");
    check_all(
        &world,
        vec![
            case("own company", &cron, ALLOWED, &[]).at(&acme),
            case("another company", &cron, MISMATCH, &["path_company"]).at(&globex),
            case("the same corporation", &cron, MISMATCH, &["path_company"]).at(&labs),
            case("a company of the corporation", &group, ALLOWED, &[]).at(&labs),
            case("the corporation's home", &group, ALLOWED, &[]).at(&acme),
            case("outside the corporation", &group, MISMATCH, &["path_company"]).at(&globex),
            case("narrowed", &narrowed, ALLOWED, &[]).at(&labs),
            case("outside the narrow", &narrowed, MISMATCH, &["path_company"]).at(&acme),
            case("no company", &group, MISMATCH, &["path_company"]).at(&of("GET", "nobody")),
            case("an empty one", &group, MISMATCH, &["path_company"]).at(&of("GET", "")),
            case("no text", &group, MISMATCH, &["path_company"]).at(&of("GET", "%ff")),
            case("in other letters", &cron, ALLOWED, &[]).at(&acme.replacen(
                &demo.acme[..1],
                &format!("%{:x}", demo.acme.as_bytes()[0]),
                1,
            )),
            case("no scope", &readonly, insufficient, &["scope"]).at(&of("POST", &demo.acme)),
            case("neither", &readonly, insufficient, &["scope", "path_company"])
                .at(&of("POST", &demo.globex)),
        ],
    )
    .await;
    app.manager.disable_company(&demo.acme_labs).await.unwrap();
    let fresh = app.token(&demo.group).await;
    check_all(
        &world,
        vec![
            case("disabled, narrowed", &narrowed, INVALID, &["handle", "company"]).at(&labs),
            case("disabled, in the corporation", &fresh, MISMATCH, &["path_company"]).at(&labs),
            case("the others", &fresh, ALLOWED, &[]).at(&acme),
        ],
    )
    .await;
}

/// A client of that company with all scopes.
async fn client(world: &World, company: &str) -> DemoClient {
    let new = NewClient { company: Some(company.to_owned()), ..NewClient::new(ClientType::M2m, "Job") };
    let created = world.app.manager.create_client(new).await.unwrap();
    let id = created.client.id.to_string();
    world.app.manager.create_grant(&id, &world.api.audience, &[]).await.unwrap();
    DemoClient { id, secret: created.secret.unwrap().expose().to_owned() }
}

async fn revoke(world: &World, client: &DemoClient, token: &str) {
    let request = world.app.http.post(world.app.url("/oauth/revoke"));
    let form = [("token", token), ("client_id", &client.id), ("client_secret", &client.secret)];
    assert_eq!(Answer::to(request.form(&form)).await.status, 200);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r27_what_was_taken_away(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (app, demo, manager) = (&world.app, &world.app.demo, &world.app.manager);
    let mut tokens = Vec::new();
    let mut clients = Vec::new();
    for _ in 0..5 {
        let client = client(&world, &demo.acme).await;
        tokens.push(app.token(&client).await);
        clients.push(client);
    }
    let [single, secret, grant, disabled, deleted] = <[String; 5]>::try_from(tokens).unwrap();
    let ids: Vec<&str> = clients.iter().map(|client| client.id.as_str()).collect();
    let (globex, cron) = (app.token(&demo.globex_client).await, app.token(&demo.cron).await);

    revoke(&world, &clients[0], &single).await;
    let stored = manager.client_secrets(ids[1]).await.unwrap();
    manager.revoke_client_secret(ids[1], stored[0].id.as_str()).await.unwrap();
    let grants = manager.grants(Some(ids[2])).await.unwrap();
    manager.delete_grant(grants[0].id.as_str()).await.unwrap();
    manager.disable_client(ids[3]).await.unwrap();
    manager.delete_client(ids[4]).await.unwrap();
    manager.disable_company(&demo.globex).await.unwrap();
    check_all(
        &world,
        vec![
            case("revoked", &single, INVALID, &["revocation"]),
            case("its sibling", &app.token(&clients[0]).await, ALLOWED, &[]),
            case("secret revoked", &secret, INVALID, &["handle"]),
            case("grant removed", &grant, INVALID, &["handle"]),
            case("client disabled", &disabled, INVALID, &["client", "handle"]),
            case("client deleted", &deleted, INVALID, &["client", "handle"]),
            case("company disabled", &globex, INVALID, &["handle", "company"]),
            case("all the others", &cron, ALLOWED, &[]),
        ],
    )
    .await;

    manager.enable_client(ids[3]).await.unwrap();
    manager.enable_company(&demo.globex).await.unwrap();
    let keyholder = app.keyholder().await;
    keyholder.rotate(Algorithm::EdDsa, Outgoing::Retire, app.clock.now()).await.unwrap();
    check_all(
        &world,
        vec![
            case("client enabled again", &disabled, INVALID, &["handle"]),
            case("company enabled again", &globex, INVALID, &["handle"]),
            case("fetched again", &app.token(&demo.globex_client).await, ALLOWED, &[]),
            case("of a retired key", &cron, ALLOWED, &[]),
        ],
    )
    .await;
    let kid = header_of(&cron)["kid"].as_str().unwrap().to_owned();
    keyholder.revoke(&kid, app.clock.now()).await.unwrap();
    case("of a revoked key", &cron, INVALID, &["key"]).check(&world, &world.api).await;
    let fresh = app.token(&demo.cron).await;
    app.clock.advance(Duration::from_secs(86_400));
    case("a day later", &fresh, EXPIRED, &["dates"]).check(&world, &world.api).await;
    case("fetched again", &app.token(&demo.cron).await, ALLOWED, &[]).check(&world, &world.api).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn r15_opaque_tokens(#[values(Sqlite, Postgres)] engine: Engine) {
    const OPAQUE: &str = "https://opaque.example.com";
    let world = World::new(engine).await;
    let (app, demo) = (&world.app, &world.app.demo);
    let new = NewApi {
        id: None,
        name: "Opaque".to_owned(),
        audience: OPAQUE.to_owned(),
        scopes: SCOPES.map(|scope| (scope.to_owned(), String::new())).into(),
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Opaque,
        tenanted: true,
    };
    let id = app.manager.create_api(new).await.unwrap().id.to_string();
    let (_stored, secret) = app.manager.add_api_secret(&id, NewSecret::default()).await.unwrap();
    let api = world.another(OPAQUE, &DemoClient { id, secret: secret.expose().to_owned() }).await;
    for client in [&demo.cron, &demo.group] {
        app.manager.create_grant(&client.id, OPAQUE, &["read:timesheets".to_owned()]).await.unwrap();
    }
    let fetch = async |client| app.ask(client, &[("audience", OPAQUE)]).await.token();
    let (good, revoked, late) = (fetch(&demo.cron).await, fetch(&demo.cron).await, fetch(&demo.cron).await);
    revoke(&world, &demo.cron, &revoked).await;
    let labs = format!("GET /companies/{}/timesheets", demo.acme_labs);
    let import = "POST /import";
    for case in [
        case("good", &good, ALLOWED, &[]),
        case("another company", &good, MISMATCH, &["path_company"]).at(&labs),
        case("the corporation's", &fetch(&demo.group).await, ALLOWED, &[]).at(&labs),
        case("no scope", &good, (403, "insufficient_scope"), &["scope"]).at(import),
        case("revoked", &revoked, INVALID, &["revocation"]),
        case("a JWT for another API", &app.token(&demo.cron).await, INVALID, &["audience"]),
    ] {
        case.check(&world, &api).await;
    }
    case("for another API", &late, INVALID, &["audience"]).check(&world, &world.api).await;
    // The server tells nobody why a token is not active.
    app.clock.advance(Duration::from_secs(86_400));
    case("a day later", &late, INVALID, &["dates"]).check(&world, &api).await;
    app.manager.disable_client(&demo.cron.id).await.unwrap();
    case("client disabled", &late, INVALID, &["dates", "client", "handle"]).check(&world, &api).await;
}
