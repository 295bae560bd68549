//! What somebody has of her own, among the secrets that are in nothing that is written: password, token, account secret, cookies.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;

use crate::folder::{AUDIENCE, Folder, Seeded, text};
use crate::process::{finish_with, json as value, tokenry};
use crate::signed_in::SignedIn;

const ANN: &str = "ann@acme.example";
const PASSWORD: &str = "lanterns by a quiet canal";

/// What ann has for herself.
pub(super) struct Own {
    pat: String,
    secret: String,
    session: SignedIn,
}

impl Own {
    /// Makes her, a developer of Acme, and what she has.
    pub(super) async fn of_ann(folder: &Folder, issuer: &str) -> Self {
        let config = &folder.config;
        value(config, &["roles", "create", "--name", "employee"]);
        let scopes = ["--scope", "read:timesheets", "--scope", "create:timesheets"];
        value(config, &[&["roles", "update", "employee", "--api", AUDIENCE], &scopes[..]].concat());
        let create = ["users", "create", "--username", ANN, "--email-verified", "--developer"];
        value(config, &[&create[..], &["--company", "acme", "--role", "employee"]].concat());
        let mut password = tokenry();
        password.args(["users", "set-password", ANN, "--config"]).arg(config);
        let said = finish_with(password, &format!("{PASSWORD}\n"));
        assert_eq!(said.code, 0, "{said:?}");
        let secret = text(&value(config, &["users", "secret", "reveal", ANN])["client_secret"]);
        let session = SignedIn::at(issuer, ANN, PASSWORD).await;
        Self { pat: session.pat().await.value, secret, session }
    }

    /// What nobody else may see.
    pub(super) fn values(&self) -> [&str; 5] {
        [PASSWORD, &self.pat, &self.secret, &self.session.sid, &self.session.api]
    }

    /// Each opens something.
    pub(super) async fn open_what_they_should(&self, api: &str) {
        let client = Client::new();
        let whoami = || client.get(format!("{api}/whoami"));
        let import = client.post(format!("{api}/import")).json(&json!([]));
        for request in [
            whoami().bearer_auth(&self.pat),
            whoami().header("cookie", self.session.both_cookies()),
            import.header("authorization", format!("Secret {}", self.secret)),
            self.session.request(Method::GET, "/session"),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        }
    }

    /// Each at every wrong place that somebody may put it.
    pub(super) fn requests(&self, issuer: &str, api: &str, seeded: &Seeded) -> Vec<RequestBuilder> {
        let client = Client::new();
        let mut requests = Vec::new();
        for own in self.values() {
            for shown in [own, &format!("{own}x")] {
                requests.extend([
                    client.get(format!("{api}/whoami")).header("authorization", format!("Token {shown}")),
                    client
                        .get(format!("{api}/whoami"))
                        .header("cookie", format!("__Host-tokenry_api={shown}x")),
                    client.get(format!("{api}/timesheets?access_token={shown}")),
                    client.get(format!("{api}/timesheets/{shown}")).bearer_auth(shown),
                    client.post(format!("{api}/import")).header("authorization", format!("Secret {shown}x")),
                    client.post(format!("{api}/import")).form(&[("access_token", shown)]),
                    client.get(format!("{issuer}/{shown}?token={shown}")).header("referer", shown),
                    client
                        .get(format!("{issuer}/session"))
                        .header("cookie", format!("__Host-tokenry_sid={shown}x")),
                    client.get(format!("{issuer}/manage/v1/users/me/tokens")).bearer_auth(shown),
                    client.post(format!("{issuer}/session")).json(&[shown]),
                    client
                        .post(format!("{issuer}/oauth/introspect"))
                        .basic_auth(&seeded.api.0, Some(&seeded.api.1))
                        .form(&[("token", shown)]),
                    client
                        .post(format!("{issuer}/oauth/revoke"))
                        .basic_auth(shown, Some(shown))
                        .form(&[("token", shown)]),
                ]);
            }
        }
        let leaks = [&self.pat, &self.secret].map(|leaked| {
            let body = json!({"token": leaked}).to_string();
            client.post(format!("{issuer}/leaks")).header("content-type", "application/json").body(body)
        });
        requests.extend(leaks);
        requests
    }
}
