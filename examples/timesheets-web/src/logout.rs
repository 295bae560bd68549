//! Back-channel logout: the authorization server says that a session of its own has ended, and the one here ends with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokenry_jose::{Algorithm, Expectations, Unverified, VerifyingKey};
use web_app::now;

use crate::App;

/// The member of `events` that makes a JWT a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const MAX_LEN: usize = 16 * 1024;
/// How far the two clocks may differ, in seconds.
const LEEWAY: i64 = 60;
/// For how long an end is remembered, in seconds: longer than a session here lasts without being used, eight hours.
const REMEMBERED: i64 = 24 * 3_600;

/// Whose session at the authorization server a session here hangs on.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub(crate) struct Origin {
    /// The user.
    pub(crate) sub: String,
    /// The session.
    pub(crate) sid: Option<String>,
}

/// What has ended, as sessions ask before they are used.
#[derive(Debug, Default)]
pub(crate) struct Ended(Mutex<Ends>);

#[derive(Debug, Default)]
struct Ends {
    /// By `sid`, or by `sub` where all of a user's sessions have ended: when.
    at: HashMap<Origin, i64>,
    /// Logout tokens that were taken, by `jti`: when.
    taken: HashMap<String, i64>,
}

impl Ended {
    /// Whether a session that began at `since` has ended.
    pub(crate) fn has(&self, origin: &Origin, since: i64) -> bool {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = Origin { sub: origin.sub.clone(), sid: None };
        ends.at.contains_key(origin) || ends.at.get(&all).is_some_and(|at| since <= *at)
    }

    /// Notes an end. One that comes again, because our answer was lost, changes nothing.
    fn note(&self, told: Told, now: i64) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.at.retain(|_, at| now - *at < REMEMBERED);
        ends.taken.retain(|_, at| now - *at < REMEMBERED);
        if ends.taken.insert(told.jti, now).is_none() {
            ends.at.insert(told.origin, now);
        }
    }
}

/// What a logout token says.
#[derive(Debug, Eq, PartialEq)]
struct Told {
    origin: Origin,
    jti: String,
}

/// The form that it comes in (Back-Channel Logout §2.5).
#[derive(Deserialize)]
pub(crate) struct Post {
    logout_token: String,
}

pub(crate) async fn take(State(app): State<Arc<App>>, Form(post): Form<Post>) -> Response {
    // What is no token at all makes us ask nobody for keys, and what is forged seldom.
    let kid = match kid(&post.logout_token) {
        Ok(kid) => kid,
        Err(wrong) => return refuse(wrong),
    };
    let key = match app.keys.find(&kid, now(), async || app.provider.keys().await).await {
        Ok(key) => key.and_then(|jwk| VerifyingKey::from_jwk(&jwk).ok()),
        Err(error) => {
            // It may be good: the authorization server tries again, later.
            tracing::warn!("{error:#}");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let Some(key) = key else { return refuse("its key is not the authorization server's") };
    match read(&post.logout_token, &key, app.provider.issuer(), app.provider.client_id(), now()) {
        Ok(told) => {
            tracing::info!("signed out: the session at the authorization server has ended");
            app.ended.note(told, now());
            StatusCode::OK.into_response()
        }
        Err(wrong) => refuse(wrong),
    }
}

fn refuse(wrong: &'static str) -> Response {
    tracing::warn!("a logout token was refused: {wrong}");
    let body = json!({ "error": "invalid_request", "error_description": wrong });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn kid(token: &str) -> Result<String, &'static str> {
    let parsed = Unverified::parse(token, MAX_LEN).map_err(|_malformed| "it is no JWT")?;
    parsed.header().kid.clone().ok_or("it names no key")
}

/// What a logout token says, if it is one for this application (Back-Channel Logout §2.6).
fn read(
    token: &str,
    key: &VerifyingKey,
    issuer: &str,
    client_id: &str,
    now: i64,
) -> Result<Told, &'static str> {
    // Its type, so that no ID token passes for one (RFC 8725 §3.11).
    let expected = Expectations { algorithms: &[Algorithm::Rs256], typ: &["logout+jwt"] };
    let verified = Unverified::parse(token, MAX_LEN).and_then(|token| token.verify(key, &expected));
    let claims =
        verified.and_then(|verified| verified.claims()).map_err(|_bad| "it is not signed as it should be")?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("iss").as_deref() != Some(issuer) {
        return Err("it comes from another issuer");
    }
    if !is_for(&claims, client_id) {
        return Err("it is for another application");
    }
    let at = |name: &str| claims.get(name).and_then(Value::as_i64);
    let in_time =
        at("iat").is_some_and(|iat| iat <= now + LEEWAY) && at("exp").is_some_and(|exp| now < exp + LEEWAY);
    if !in_time {
        return Err("it has expired, or is from the future");
    }
    if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err("it tells of another event");
    }
    if claims.contains_key("nonce") {
        return Err("it has a nonce");
    }
    match (text("jti"), text("sub"), text("sid")) {
        (Some(jti), Some(sub), sid) => Ok(Told { origin: Origin { sub, sid }, jti }),
        _ => Err("it does not say who it is about"),
    }
}

fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(many)) => many.iter().any(|one| one == client_id),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::get;
    use http::header::CONTENT_TYPE;
    use tokenry_jose::{JwkSet, SigningKey};
    use tokio::net::TcpListener;
    use web_app::{Api, Server as Settings};

    use super::*;
    use crate::keys::Keys;
    use crate::provider::Provider;

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "iss": "https://id.example", "aud": "web", "sub": "usr_ann", "sid": "s1", "jti": "j1",
            "iat": NOW, "exp": NOW + 120, "events": { EVENT: {} },
        });
        claims.as_object().unwrap().clone()
    }

    /// A server that signs, and whose keys verify.
    struct Server {
        key: SigningKey,
        published: SigningKey,
    }

    impl Server {
        fn new() -> Self {
            let (key, pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
            Self { key, published: SigningKey::from_pkcs8(Algorithm::Rs256, pkcs8.expose()).unwrap() }
        }

        fn sign(&self, typ: &str, claims: &Map<String, Value>) -> String {
            self.key.sign_compact(&self.key.header(typ), &serde_json::to_vec(claims).unwrap()).unwrap()
        }

        fn read(&self, typ: &str, claims: &Map<String, Value>) -> Result<Told, &'static str> {
            let key = VerifyingKey::from_jwk(self.published.public_jwk()).unwrap();
            read(&self.sign(typ, claims), &key, "https://id.example", "web", NOW)
        }
    }

    #[test]
    fn web_06_each_deviation_is_refused() {
        let server = Server::new();
        let origin = Origin { sub: "usr_ann".to_owned(), sid: Some("s1".to_owned()) };
        assert_eq!(server.read("logout+jwt", &claims()), Ok(Told { origin, jti: "j1".to_owned() }));
        for typ in ["JWT", "at+jwt"] {
            assert!(server.read(typ, &claims()).is_err(), "{typ}");
        }
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["other"])),
            ("exp", json!(NOW - 60)),
            ("iat", json!(NOW + 61)),
            ("events", json!({})),
            ("events", json!({ EVENT: "x" })),
            ("events", json!({ "http://schemas.openid.net/event/other": {} })),
            ("nonce", json!("n")),
            ("sub", Value::Null),
            ("jti", Value::Null),
            ("iat", Value::Null),
            ("exp", Value::Null),
        ] {
            let mut wrong = claims();
            wrong.insert(name.to_owned(), value.clone());
            assert!(server.read("logout+jwt", &wrong).is_err(), "{name} {value}");
        }
        let foreign = Server { published: server.published, ..Server::new() };
        assert!(foreign.read("logout+jwt", &claims()).is_err());
    }

    /// Whoever posts forged tokens makes us ask for keys once, and keeps no good one out.
    #[tokio::test]
    async fn key_07_forged_tokens_do_not_make_us_ask_each_time() {
        let server = Server::new();
        let looks = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let keys = JwkSet::new(vec![server.published.public_jwk().clone()]).unwrap().to_json();
        let metadata = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"), "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let looked = Arc::clone(&looks);
        let discovery = async move || {
            looked.fetch_add(1, Ordering::SeqCst);
            Json(metadata)
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(async move || ([(CONTENT_TYPE, "application/json")], keys)));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });

        let http = reqwest::Client::new();
        let text = |text: &str| text.to_owned();
        let told = Settings {
            issuer: issuer.clone(),
            audience: text("a"),
            client_id: text("web"),
            client_secret: text("s"),
        };
        let app = Arc::new(App {
            api: Api::new(http.clone(), issuer.parse().unwrap()),
            provider: Provider::new(http, told, "http://127.0.0.1:8702").unwrap(),
            ended: Ended::default(),
            keys: Keys::default(),
        });
        let post = async |logout_token: String| {
            let answer = take(State(Arc::clone(&app)), Form(Post { logout_token })).await;
            (answer.status().as_u16(), looks.load(Ordering::SeqCst))
        };
        let forged = || Server::new().sign("logout+jwt", &claims());
        assert_eq!(post("x.y.z".to_owned()).await, (400, 0));
        assert_eq!(post(forged()).await, (400, 1), "its key is not the server's");
        for _ in 0..3 {
            assert_eq!(post(forged()).await, (503, 1), "that cannot be told again yet");
        }
        let said = json!({ "iss": issuer, "iat": now(), "exp": now() + 120 });
        let mut good = claims();
        good.extend(said.as_object().unwrap().clone());
        assert_eq!(post(server.sign("logout+jwt", &good)).await, (200, 1));
        assert!(app.ended.has(&Origin { sub: text("usr_ann"), sid: Some(text("s1")) }, 0));
    }

    #[test]
    fn an_end_is_of_one_session_or_of_all_until_then() {
        let ended = Ended::default();
        let origin = |sid: Option<&str>| Origin { sub: "usr_ann".to_owned(), sid: sid.map(str::to_owned) };
        let told = |jti: &str, sid| Told { origin: origin(sid), jti: jti.to_owned() };
        ended.note(told("a", Some("s1")), NOW);
        assert!(ended.has(&origin(Some("s1")), NOW - 5));
        assert!(!ended.has(&origin(Some("s2")), NOW - 5));
        ended.note(told("b", None), NOW);
        assert!(ended.has(&origin(Some("s2")), NOW - 5));
        assert!(!ended.has(&origin(Some("s3")), NOW + 5), "who signed in since then is signed in");
        ended.note(told("b", None), NOW + 10);
        assert!(!ended.has(&origin(Some("s3")), NOW + 5), "told again, it ends nothing more");
        ended.note(told("c", Some("s9")), NOW + REMEMBERED);
        assert!(!ended.has(&origin(Some("s1")), NOW - 5), "it is not remembered for ever");
    }
}
