//! The authorization endpoint through the front door.

mod refused_here;
mod told_to_the_client;

use tokenry_engine::manage::NewClient;
use tokenry_model::ClientType;
use tokenry_testkit::{AUDIENCE, Answer, Engine, TestApp};
use url::Url;

/// The challenge of RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "https://app.example.com/cb";

/// A server with applications of every kind.
pub(crate) struct Rig {
    pub(crate) app: TestApp,
    pub(crate) web: String,
    pub(crate) native: String,
    pub(crate) lax: String,
}

impl Rig {
    pub(crate) async fn on(database: Engine) -> Self {
        let app = TestApp::quick(database).await;
        let web =
            client(&app, ClientType::Web, &[CALLBACK, "https://foo.example.com/cb?x=1&y=2"], true).await;
        let native =
            client(&app, ClientType::Native, &["http://127.0.0.1/cb", "com.example.app:/cb"], true).await;
        let lax = client(&app, ClientType::Web, &[CALLBACK], false).await;
        Self { app, web, native, lax }
    }

    /// An honest request of `web` with some parameters changed, added, or (`None`) left out.
    pub(crate) fn query(&self, changes: &[(&str, Option<&str>)]) -> String {
        let honest = [
            ("response_type", "code"),
            ("client_id", &self.web),
            ("redirect_uri", CALLBACK),
            ("scope", "openid read:timesheets"),
            ("state", "s-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in honest {
            if !changes.iter().any(|(changed, _value)| *changed == name) {
                query.append_pair(name, value);
            }
        }
        for (name, value) in changes {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    pub(crate) async fn ask(&self, changes: &[(&str, Option<&str>)]) -> Answer {
        self.get(&self.query(changes)).await
    }

    pub(crate) async fn get(&self, query: &str) -> Answer {
        Answer::to(self.app.http.get(self.app.url(&format!("/authorize?{query}")))).await
    }

    pub(crate) async fn post(&self, target: &str, form: String) -> Answer {
        let request = self.app.http.post(self.app.url(target));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        Answer::to(request.header("origin", "https://app.example.com").header("sec-fetch-site", "cross-site"))
            .await
    }

    /// That the next honest request goes on to our page.
    pub(crate) async fn must_work(&self) {
        goes_on(&self.ask(&[]).await);
    }
}

async fn client(app: &TestApp, kind: ClientType, redirect_uris: &[&str], require_pkce: bool) -> String {
    let new = NewClient {
        redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        require_pkce,
        ..NewClient::new(kind, "App")
    };
    let id = app.manager.create_client(new).await.unwrap().client.id.to_string();
    let scopes = ["read:timesheets", "create:timesheets"].map(str::to_owned);
    app.manager.create_grant(&id, AUDIENCE, &scopes).await.unwrap();
    id
}

/// Asserts that nothing was sent anywhere.
#[track_caller]
pub(crate) fn refused_here(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("location"), "", "{answer:?}");
    assert_eq!(answer.header("refresh"), "", "{answer:?}");
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{answer:?}");
    for way in ["http-equiv", "href=\"http", "action=\"http", "evil"] {
        assert!(!answer.body.contains(way), "{way} in {answer:?}");
    }
}

/// What the client is told: the parameters of a redirect to `callback`.
#[track_caller]
pub(crate) fn told(answer: &Answer, callback: &str) -> Vec<(String, String)> {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let location = answer.header("location");
    assert!(location.starts_with(callback) && location.ends_with('#'), "{location}");
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

#[track_caller]
pub(crate) fn goes_on(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    assert!(answer.header("location").starts_with("/consent?flow="), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("set-cookie"), "", "{answer:?}");
}
