//! What `dev` prints: one line of JSON for programs, or lines to copy for people.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use tokenry_protocol::secret::Secret;

use super::demo::{AUDIENCE, Demo, DemoClient};
use super::folder::Folder;
use super::people::{DemoApp, DemoUser};
use super::{Reach, UI_ORIGIN};
use crate::failure::Result;
use crate::host::Host;

/// What there is to tell.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) demo: &'a Demo,
    pub(crate) host: &'a Host,
    pub(crate) api_url: &'a str,
    pub(crate) folder: &'a Folder,
    pub(super) reach: Reach,
}

impl Report<'_> {
    /// One line of JSON, which programs that start `dev --json` read.
    pub(crate) fn json(&self) -> Result<String> {
        let demo = self.demo;
        let clients = demo.clients.iter().map(|client| (client.name.to_owned(), client_json(client)));
        let apps = demo.apps.iter().map(|app| (app.name.to_owned(), app_json(app)));
        let clients: Map<String, Value> = clients.chain(apps).collect();
        let users = demo.users.iter().map(|user| (user.name.to_owned(), user_json(user)));
        let users: Map<String, Value> = users.collect();
        let mut api = Map::from_iter([("id".to_owned(), json!(demo.api_id))]);
        put_secret(&mut api, "secret", demo.api_secret.as_ref());
        let mut report = json!({
            "issuer": self.host.config.issuer,
            "api_url": self.api_url,
            "audience": AUDIENCE,
            "namespace": self.host.config.tokens.namespace,
            "api": api,
            "companies": named(&demo.companies),
            "corporations": named(&demo.corporations),
            "clients": clients,
            "users": users,
        });
        if let Some(url) = self.mailbox_url() {
            report["mailbox_url"] = url.into();
        }
        Ok(format!("{}\n", serde_json::to_string(&report).map_err(anyhow::Error::from)?))
    }

    /// Lines to copy.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write_text(&mut out).expect("a string takes every line");
        out
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let config = self.folder.config_file();
        writeln!(out, "Tokenry is running.\n")?;
        writeln!(out, "  authorization server  {}", self.host.config.issuer)?;
        writeln!(out, "  Timesheets demo API   {}", self.api_url)?;
        writeln!(out, "  audience              {AUDIENCE}")?;
        let issuer = self.host.config.issuer.trim_end_matches('/');
        writeln!(out, "  documentation         {issuer}/docs")?;
        let mailbox = self.mailbox_url();
        writeln!(
            out,
            "  mailbox               {}",
            mailbox.as_deref().unwrap_or("none: mail is shown here")
        )?;
        writeln!(out, "  operator commands     {} clients list --config {}\n", program(), config.display())?;
        for (name, id) in self.demo.companies.iter().chain(&self.demo.corporations) {
            writeln!(out, "  {name:<20}  {id}")?;
        }
        for client in &self.demo.clients {
            let secret = client.client_secret.as_ref().map_or("(changed since)", Secret::expose);
            writeln!(out, "  client {:<13}  {}  {secret}", client.name, client.client_id)?;
        }
        for app in &self.demo.apps {
            let secret = app.client_secret.as_ref().map(|secret| format!("  {}", secret.expose()));
            let secret = secret.unwrap_or_default();
            writeln!(out, "  client {:<13}  {}{secret}", app.name, app.client_id)?;
        }
        for user in &self.demo.users {
            let password = user.password.as_ref().map_or("(changed since)", Secret::expose);
            writeln!(out, "  {:<20}  {password}  {}", user.username, user.about)?;
        }
        if let Some(secret) = &self.demo.api_secret {
            writeln!(out, "  the API's own id      {}  {}", self.demo.api_id, secret.expose())?;
        }
        self.write_curl(out)?;
        self.write_examples(out)
    }

    /// Lines that work as pasted, in this order: allowed, then the three refusals, then what people may do by tokens of their own.
    fn write_curl(&self, out: &mut String) -> std::fmt::Result {
        let (Some((cron, cron_secret)), Some((readonly, readonly_secret))) =
            (self.client("cron"), self.client("readonly"))
        else {
            return Ok(());
        };
        let acme = &cron.company_id;
        let globex = self.company("globex");
        let api = self.api_url;
        writeln!(out, "\nA token for Acme's cron job, and a timesheet with it:\n")?;
        self.write_token(out, "TOKEN", &cron.client_id, cron_secret)?;
        writeln!(out, "{}\n", post(api, acme, Some("TOKEN")))?;
        writeln!(out, "Refused: another company's (403 tenant_mismatch), and without a token (401):\n")?;
        writeln!(out, "{}", post(api, globex, Some("TOKEN")))?;
        writeln!(out, "{}\n", post(api, acme, None))?;
        writeln!(out, "Refused: creating with a token that may only read (403 insufficient_scope):\n")?;
        self.write_token(out, "READONLY", &readonly.client_id, readonly_secret)?;
        writeln!(out, "{}", post(api, acme, Some("READONLY")))?;
        self.write_pats(out)?;
        self.write_account_secrets(out)
    }

    /// Each user's own token, and a line for the first of them.
    fn write_pats(&self, out: &mut String) -> std::fmt::Result {
        let pats = self.demo.users.iter().filter_map(|user| Some((user, user.pat.as_ref()?)));
        for (n, (user, pat)) in pats.enumerate() {
            if n == 0 {
                let what = "what each may do, without signing in; who is of no company, nothing (401)";
                writeln!(out, "\nPeople's own tokens: {what}\n")?;
            }
            writeln!(out, "  PAT={}  # {}, {}", pat.expose(), user.name, user.about)?;
            if n == 0 {
                writeln!(out, "  curl -si {}/timesheets -H \"Authorization: Bearer $PAT\"", self.api_url)?;
            }
        }
        Ok(())
    }

    /// The one route that takes a developer's secret, too.
    fn write_account_secrets(&self, out: &mut String) -> std::fmt::Result {
        let developers =
            self.demo.users.iter().filter_map(|user| Some((user, user.account_secret.as_ref()?)));
        for (user, secret) in developers {
            writeln!(out, "\nThe secret of a developer's account, at the one route that takes it:\n")?;
            writeln!(out, "  SECRET={}  # {}", secret.expose(), user.name)?;
            writeln!(
                out,
                "  curl -si {}/import -H \"Authorization: Secret $SECRET\" \\\n    \
                 -H 'Content-Type: application/json' -d '[{{\"employee\":\"ann\",\"week\":\"2026-W48\",\"hours\":38.5}}]'",
                self.api_url
            )?;
        }
        Ok(())
    }

    fn write_token(&self, out: &mut String, name: &str, id: &str, secret: &Secret) -> std::fmt::Result {
        writeln!(
            out,
            "  {name}=$(curl -s {}/oauth/token -d grant_type=client_credentials -d audience={AUDIENCE} \\\n    \
             -d client_id={id} -d client_secret={} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
            self.host.config.issuer.trim_end_matches('/'),
            secret.expose()
        )
    }

    fn write_examples(&self, out: &mut String) -> std::fmt::Result {
        let Some((cron, secret)) = self.client("cron") else { return Ok(()) };
        writeln!(
            out,
            "\nThe same as variables, and the cron job that uploads a week (safe to run twice):\n"
        )?;
        writeln!(
            out,
            "  export ISSUER={} API_URL={} AUDIENCE={AUDIENCE} \\\n    ACME={} GLOBEX={} \\\n    \
             CLIENT_ID={} CLIENT_SECRET={}\n  cargo run --release -p timesheets-cron -- --file week.csv",
            self.host.config.issuer,
            self.api_url,
            cron.company_id,
            self.company("globex"),
            cron.client_id,
            secret.expose()
        )?;
        self.write_apps(out)?;
        self.write_page(out)?;
        self.write_api_example(out)
    }

    fn write_apps(&self, out: &mut String) -> std::fmt::Result {
        for app in &self.demo.apps {
            let (Some(program), Some(secret)) = (app.program, &app.client_secret) else { continue };
            writeln!(out, "\n{}:\n", program.about)?;
            writeln!(
                out,
                "  export ISSUER={} API_URL={} AUDIENCE={AUDIENCE} \\\n    CLIENT_ID={} CLIENT_SECRET={}\n  \
                 cargo run --release -p {}",
                self.host.config.issuer,
                self.api_url,
                app.client_id,
                secret.expose(),
                program.package
            )?;
        }
        Ok(())
    }

    /// The user interface that signs people in itself. The server lists its one origin.
    fn write_page(&self, out: &mut String) -> std::fmt::Result {
        let page = "--prefix examples/headless-react";
        writeln!(
            out,
            "\nA React page with a sign-in form of its own, by cookies, at {UI_ORIGIN} (npm; sign in as ann or bob):\n"
        )?;
        writeln!(
            out,
            "  export ISSUER={} API_URL={}\n  npm ci {page}\n  npm run dev {page}",
            self.host.config.issuer, self.api_url
        )
    }

    fn write_api_example(&self, out: &mut String) -> std::fmt::Result {
        let Some(secret) = &self.demo.api_secret else { return Ok(()) };
        writeln!(out, "\nThe demo API once more, as a program of its own on another port:\n")?;
        writeln!(
            out,
            "  ISSUER={} AUDIENCE={AUDIENCE} NAMESPACE={} DIALECT={} \\\n    LISTEN=127.0.0.1:8711 ALLOWED_ORIGINS={UI_ORIGIN} \\\n    \
             CLIENT_ID={} CLIENT_SECRET={} cargo run --release -p timesheets-api",
            self.host.config.issuer,
            self.host.config.tokens.namespace,
            self.demo.dialect,
            self.demo.api_id,
            secret.expose()
        )
    }

    fn mailbox_url(&self) -> Option<String> {
        let issuer = self.host.config.issuer.trim_end_matches('/');
        (self.reach == Reach::ThisMachine).then(|| format!("{issuer}/dev/mailbox"))
    }

    fn client(&self, name: &str) -> Option<(&DemoClient, &Secret)> {
        let client = self.demo.clients.iter().find(|client| client.name == name)?;
        client.client_secret.as_ref().map(|secret| (client, secret))
    }

    fn company(&self, name: &str) -> &str {
        self.demo.companies.iter().find(|(own, _id)| *own == name).map_or("", |(_name, id)| id)
    }
}

/// How to call this program from any folder, whether or not it is on the `PATH`.
fn program() -> String {
    std::env::current_exe().map_or_else(|_unknown| "tokenry".to_owned(), |path| path.display().to_string())
}

fn post(api: &str, company: &str, token: Option<&str>) -> String {
    let header = token.map(|name| format!(" -H \"Authorization: Bearer ${name}\"")).unwrap_or_default();
    format!(
        "  curl -si {api}/companies/{company}/timesheets{header} \\\n    \
         -H 'Content-Type: application/json' -d '{{\"employee\":\"ann\",\"week\":\"2026-W47\",\"hours\":38.5}}'"
    )
}

fn client_json(client: &DemoClient) -> Value {
    let mut members = Map::from_iter([("client_id".to_owned(), json!(client.client_id))]);
    put_secret(&mut members, "client_secret", client.client_secret.as_ref());
    members.insert("company_id".to_owned(), json!(client.company_id));
    if let Some(corporation) = &client.corporation_id {
        members.insert("corporation_id".to_owned(), json!(corporation));
    }
    Value::Object(members)
}

fn app_json(app: &DemoApp) -> Value {
    let mut members = Map::from_iter([("client_id".to_owned(), json!(app.client_id))]);
    put_secret(&mut members, "client_secret", app.client_secret.as_ref());
    members.insert("redirect_uris".to_owned(), json!(app.redirect_uris));
    Value::Object(members)
}

fn user_json(user: &DemoUser) -> Value {
    let mut members =
        Map::from_iter([("id".to_owned(), json!(user.id)), ("username".to_owned(), json!(user.username))]);
    put_secret(&mut members, "password", user.password.as_ref());
    put_secret(&mut members, "pat", user.pat.as_ref());
    put_secret(&mut members, "account_secret", user.account_secret.as_ref());
    Value::Object(members)
}

fn put_secret(members: &mut Map<String, Value>, name: &str, secret: Option<&Secret>) {
    if let Some(secret) = secret {
        members.insert(name.to_owned(), json!(secret.expose()));
    }
}

fn named(things: &[(&'static str, String)]) -> Map<String, Value> {
    things.iter().map(|(name, id)| ((*name).to_owned(), json!(id))).collect()
}
