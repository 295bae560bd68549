//! A disk that is full, for real: a small file system of the server's own, in a namespace of its own.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use reqwest::{Client, Response};
use serde_json::Value;
use tokenry_testkit::claims_of;

use crate::folder::{AUDIENCE, Folder, On};
use crate::process::{PATIENCE, Running, Said, finish, tokenry};

/// Mounts a file system of four megabytes over the database's folder, moves the database there, and serves from it.
const SCRIPT: &str = "mkdir held && cp data/* held/ && mount -t tmpfs -o size=4m tmpfs data && cp held/* data/ \
                      && exec \"$@\"";

/// A server whose database has four megabytes of room.
struct Cramped {
    server: Running,
    url: String,
    folder: Folder,
}

/// Whether this machine lets its users mount a file system in a namespace of their own.
fn can_mount() -> bool {
    let tried = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    tried.is_ok_and(|output| output.status.success())
}

impl Cramped {
    fn start(folder: Folder) -> Self {
        let tokenry = tokenry();
        let mut command = Command::new("unshare");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("NO_COLOR", "1");
        command.args(["-rm", "sh", "-ec", SCRIPT, "sh"]).arg(tokenry.get_program());
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&folder.config);
        command.current_dir(folder.path.path());
        let (server, address) = Running::listening(command);
        Self { server, url: format!("http://{address}"), folder }
    }

    /// The database's folder, as the server sees it.
    fn data(&self) -> PathBuf {
        let inside = self.folder.path.path().canonicalize().unwrap().join("data");
        PathBuf::from(format!("/proc/{}/root", self.server.pid())).join(inside.strip_prefix("/").unwrap())
    }

    /// Takes all the room that there is.
    fn fill(&self) -> PathBuf {
        let path = self.data().join("filler");
        let mut filler = File::create(&path).unwrap();
        while filler.write_all(&[7; 4_096]).is_ok() {}
        path
    }

    async fn ask(&self, id: &str, secret: &str, scope: Option<&str>) -> Response {
        let mut form = vec![("grant_type", "client_credentials"), ("audience", AUDIENCE)];
        form.extend([("client_id", id), ("client_secret", secret)]);
        form.extend(scope.map(|scope| ("scope", scope)));
        Client::new().post(format!("{}/oauth/token", self.url)).form(&form).send().await.unwrap()
    }

    /// An operator's command where the server's database is.
    fn command(&self, arguments: &[&str]) -> Said {
        let tokenry = tokenry();
        let mut command = Command::new("nsenter");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("NO_COLOR", "1");
        command.args([
            "--target",
            &self.server.pid().to_string(),
            "--user",
            "--mount",
            "--preserve-credentials",
        ]);
        command.arg(tokenry.get_program()).args(arguments).arg("--config").arg(&self.folder.config);
        finish(command)
    }

    async fn ready(&self) -> u16 {
        reqwest::get(format!("{}/readyz", self.url)).await.unwrap().status().as_u16()
    }
}

async fn must_be_unavailable(answer: Response) {
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "temporarily_unavailable", "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_03_leak_06_a_full_disk_refuses_what_must_be_recorded_and_says_so() {
    if !can_mount() {
        println!("not run: this machine lets no user mount a file system");
        return;
    }
    let folder = Folder::init(On::Sqlite);
    let (id, secret) = folder.client_of("Partner");
    let it = Cramped::start(folder);
    let mut held = BTreeSet::new();
    let mut hold = |body: &Value| {
        let token = body["access_token"].as_str().unwrap();
        held.insert(claims_of(token)["jti"].as_str().unwrap().to_owned());
    };
    hold(&it.ask(&id, &secret, None).await.json().await.unwrap());
    assert_eq!(it.ready().await, 200);

    let filler = it.fill();
    let begun = Instant::now();
    loop {
        // What SQLite's log still has room for is issued, and counts.
        let answer = it.ask(&id, &secret, None).await;
        if answer.status() != 200 {
            must_be_unavailable(answer).await;
            break;
        }
        hold(&answer.json().await.unwrap());
        assert!(begun.elapsed() < PATIENCE, "it does not fill up");
    }
    must_be_unavailable(it.ask(&id, &secret, Some("undefined")).await).await;
    for _ in 0..100 {
        let status = it.ask("nobody", "wrong", None).await.status().as_u16();
        assert!(
            [401, 429].contains(&status),
            "{status}: strangers are answered, and nothing is written for it"
        );
    }
    assert_eq!(it.ready().await, 503);
    assert!(it.server.stderr().contains("audit records cannot be written"), "{}", it.server.stderr());

    fs::remove_file(filler).unwrap();
    while it.ready().await != 200 || it.ask(&id, &secret, None).await.status() != 200 {
        assert!(begun.elapsed() < PATIENCE * 2, "it does not recover: {}", it.server.stderr());
    }
    assert_eq!(it.command(&["audit", "verify", "--output", "json"]).json()["intact"], true);
    let exported = it.command(&["audit", "export", "--output", "json"]).json();
    let subject = |line: &Value| line["record"]["subject_id"].as_str().map(str::to_owned);
    let recorded: BTreeSet<_> = exported.as_array().unwrap().iter().filter_map(subject).collect();
    assert!(held.is_subset(&recorded), "{held:?}");
}
