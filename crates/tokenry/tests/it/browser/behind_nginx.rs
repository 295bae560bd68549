//! Two servers on one PostgreSQL, behind an nginx that asks them in turn: whatever a browser carries, both must know.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::site::{Site, told};
use crate::folder::{AUDIENCE, Folder, On, text};
use crate::process::{Running, finish_with, json as told_by, serve_with, tokenry};
use crate::serve::{free_port, timesheets_api_for};

const MAIL_SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/python/smtp_server.py");

/// The site, with a mail server in place of `dev`'s mailbox.
pub(super) fn site() -> Site {
    let folder = Folder::init(On::Postgres);
    let listen = format!("127.0.0.1:{}", free_port());
    let issuer = format!("http://{listen}");
    folder.set("issuer", &format!("issuer = \"{issuer}\""));
    folder.set("trusted_proxies", "trusted_proxies = [\"127.0.0.1\"]");
    let seeded = folder.seed();
    let (mail_server, mail_file, mail_url) = mail_server(folder.path.path());
    let ui = format!("http://127.0.0.1:{}", free_port());
    let env = [
        ("TOKENRY_MAIL_URL", mail_url.as_str()),
        ("TOKENRY_MAIL_FROM", "id@acme.example"),
        ("TOKENRY_SESSIONS_HEADLESS_ORIGINS", &ui),
        ("TOKENRY_USERS_SIGNUP", "true"),
    ];
    let ((first, one), (second, other)) =
        (serve_with(&folder.config, &env), serve_with(&folder.config, &env));
    let nginx = nginx(folder.path.path(), &listen, [&one, &other]);
    let (api, api_url) = timesheets_api_for(&issuer, &seeded.api, &folder, &ui);
    let report = json!({
        "issuer": issuer,
        "api_url": api_url,
        "audience": AUDIENCE,
        "companies": { "acme": "acme", "globex": "globex" },
        "mail_file": mail_file,
        "ui": ui,
        "users": users(&folder),
    });
    let config = folder.config.clone();
    Site::with_applications(report, &config, vec![nginx, first, second, api, mail_server], folder)
}

/// The roles of `dev`, with ann and carl.
fn users(folder: &Folder) -> Value {
    let config = &folder.config;
    let verbs = ["read", "create", "delete", "approve"].map(|verb| format!("{verb}:timesheets"));
    for (role, allowed) in [("manager", 4), ("employee", 2), ("contractor", 2)] {
        let mut create = vec!["roles", "create", "--name", role, "--api", AUDIENCE];
        create.extend(verbs[..allowed].iter().flat_map(|scope| ["--scope", scope.as_str()]));
        told_by(config, &create);
    }
    let mut users = json!({});
    for (name, company, role) in [("ann", "acme", "manager"), ("carl", "globex", "contractor")] {
        let username = format!("{name}@{company}.example");
        let create = ["users", "create", "--username", &username, "--company", company, "--role", role];
        let id = text(&told_by(config, &create)["id"]);
        let password = format!("{name} and four unrelated words");
        let mut command = tokenry();
        command.args(["users", "set-password", &id, "--config"]).arg(config);
        assert_eq!(finish_with(command, &password).code, 0);
        users[name] = json!({ "id": id, "username": username, "password": password });
    }
    users
}

/// Takes mail without TLS, which only loopback may, and writes it into a file.
fn mail_server(folder: &Path) -> (Running, String, String) {
    let file = folder.join("mails.jsonl").display().to_string();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "exec \"$0\" \"$1\" bare > \"$2\" < /dev/null",
        &told("TOKENRY_TEST_PYTHON"),
        MAIL_SERVER,
        &file,
    ]);
    let mut running = Running::start(command);
    let port = running.wait_for(|_out, _err| {
        let told = fs::read_to_string(&file).ok()?;
        serde_json::from_str::<Value>(told.lines().next()?).ok()?["port"].as_u64()
    });
    (running, file, format!("smtp://127.0.0.1:{port}"))
}

/// An nginx that sends each request to the next of the servers.
fn nginx(folder: &Path, listen: &str, servers: [&str; 2]) -> Running {
    let place = |name: &str| folder.join(name).display().to_string();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};\n", place(&format!("nginx-{name}"))));
    let upstream = servers.map(|url| format!("server {};\n", url.trim_start_matches("http://")));
    let text = format!(
        "user root;\npid {};\nevents {{}}\nhttp {{\naccess_log off;\n{}upstream tokenry {{\n{}}}\n\
         server {{\nlisten {listen};\nlocation / {{\nproxy_pass http://tokenry;\nproxy_http_version 1.1;\n\
         proxy_buffering off;\nproxy_set_header Connection \"\";\nproxy_set_header Host $http_host;\n\
         proxy_set_header X-Forwarded-For $remote_addr;\nproxy_set_header X-Forwarded-Proto http;\n}}\n}}\n}}\n",
        place("nginx.pid"),
        temporary.concat(),
        upstream.concat(),
    );
    fs::write(place("nginx.conf"), text).unwrap();
    let mut command = Command::new("nginx");
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.args([
        "-e",
        "stderr",
        "-p",
        &place(""),
        "-c",
        &place("nginx.conf"),
        "-g",
        "daemon off; master_process off;",
    ]);
    let mut running = Running::start(command);
    running.wait_for(|_out, _err| std::net::TcpStream::connect(listen).ok());
    running
}
