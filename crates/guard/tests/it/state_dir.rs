//! What a guard keeps on the disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;
use tokenry_guard::testing::TestIssuer;
use tokenry_guard::{Clock as _, Guard, Timestamp};

use crate::remote::{Remote, builder, eventually, ok, refused};
use crate::server::{Fault, Server};
use crate::support::{Api, app};

/// A guard that wrote its file, and then the end of its server.
struct Kept {
    issuer: TestIssuer,
    server: Server,
    folder: tempfile::TempDir,
}

async fn guard(issuer: &TestIssuer, server: &Server, folder: &tempfile::TempDir) -> Guard {
    builder(issuer, server, "secret").state_dir(folder.path()).build().await.unwrap()
}

impl Kept {
    async fn after(prepare: impl FnOnce(&Server)) -> Self {
        Self::ended(prepare, async |first, _| drop(first)).await
    }

    async fn ended(prepare: impl FnOnce(&Server), end: impl AsyncFnOnce(Guard, &Self)) -> Self {
        let issuer = TestIssuer::new();
        let server = Server::start(&issuer).await;
        let folder = tempfile::tempdir().unwrap();
        let companies = vec!["acme".to_owned(), "acme_labs".to_owned()];
        server.shared.snapshot.lock().corporations.insert("acme_group".to_owned(), companies);
        prepare(&server);
        let first = guard(&issuer, &server, &folder).await;
        tokio::time::timeout(Duration::from_secs(20), first.ready()).await.unwrap();
        eventually("there is a file", async || fs::read_dir(folder.path()).unwrap().count() == 1).await;
        let kept = Self { issuer, server, folder };
        end(first, &kept).await;
        kept.shut_server_down();
        kept
    }

    fn shut_server_down(&self) {
        let down = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
        *self.server.shared.snapshot_fault.lock() = Some(down.clone());
        *self.server.shared.key_set_fault.lock() = Some(down);
        self.server.cut(StatusCode::BAD_GATEWAY);
    }

    /// Up to when the file is the truth.
    fn date(&self) -> Timestamp {
        let date = fs::metadata(self.file()).unwrap().modified().unwrap();
        Timestamp::EPOCH.plus(date.duration_since(SystemTime::UNIX_EPOCH).unwrap())
    }

    fn file(&self) -> PathBuf {
        fs::read_dir(self.folder.path()).unwrap().next().unwrap().unwrap().path()
    }

    /// Another process.
    async fn start_again(self) -> (Remote, tempfile::TempDir) {
        let guard = guard(&self.issuer, &self.server, &self.folder).await;
        (
            Remote { api: Api { app: app(&guard), guard, issuer: self.issuer }, server: self.server },
            self.folder,
        )
    }
}

#[tokio::test]
async fn a_guard_that_starts_without_its_server_serves_by_what_was_known() {
    let kept = Kept::after(|server| {
        server.shared.revoke("token", "a-token-that-is-dead");
        server.shared.snapshot.lock().disabled_companies.push("globex".to_owned());
    });
    let kept = kept.await;
    assert_eq!(fs::metadata(kept.file()).unwrap().permissions().mode() & 0o777, 0o600);
    let (remote, _folder) = kept.start_again().await;
    let token = remote.token();
    assert_eq!(remote.whoami(&token).await, ok(), "from the first request on");
    assert!(remote.is_stale());
    let dead = refused(401, "invalid_token");
    assert_eq!(remote.whoami(&token.clone().claim("jti", "a-token-that-is-dead")).await, dead);
    assert_eq!(remote.whoami(&token.clone().company("globex")).await, dead);
    let group = token.corporation("acme_group");
    assert_eq!(remote.api.get("/timesheets", &group).await.body, "acme acme_labs");
    remote.wait_until_ready().await;
    assert!(remote.is_stale());

    let token = remote.token();
    remote.server.shared.revoke("token", token.token_id());
    remote.server.mend();
    eventually("it follows from where it stood", async || remote.whoami(&token).await == dead).await;
    eventually("it is fresh", async || !remote.is_stale()).await;
    assert_eq!(remote.server.streams().last().unwrap().after, 1);
    assert_eq!(remote.server.snapshot_requests(), 1);
}

#[tokio::test]
async fn r27_a_log_that_went_back_meanwhile_is_not_followed() {
    let kept = Kept::after(|server| {
        server.shared.revoke("token", "a-token-that-is-dead");
    });
    let kept = kept.await;
    let (remote, _folder) = kept.start_again().await;
    let token = remote.token();
    assert_eq!(remote.whoami(&token).await, ok());
    remote.server.shared.go_back(0, []);
    remote.server.shared.revoke("token", token.token_id());
    *remote.server.shared.snapshot_fault.lock() = None;
    remote.server.mend();
    let dead = refused(401, "invalid_token");
    eventually("it is refused", async || remote.whoami(&token).await == dead).await;
    eventually("it is fresh", async || !remote.is_stale()).await;
    assert_eq!(remote.server.snapshot_requests(), 2);
}

/// How the guard that wrote the file ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    LongAgo,
    SignedOff,
}

#[rstest]
#[case(End::LongAgo)]
#[case(End::SignedOff)]
#[tokio::test]
async fn r27_nobody_is_let_in_by_a_file_that_no_command_waits_for(#[case] how: End) {
    let kept = Kept::ended(
        |_| {},
        async |first, _| {
            if how == End::SignedOff {
                first.shutdown().await;
            }
        },
    );
    let kept = kept.await;
    if how == End::LongAgo {
        kept.issuer.clock().advance(Duration::from_secs(601));
    }
    let (remote, _folder) = kept.start_again().await;
    let token = remote.token();
    assert_eq!(remote.whoami(&token).await, refused(503, "snapshot_unavailable"));
    assert!(!remote.api.guard.is_ready());
    remote.server.shared.revoke("token", token.token_id());
    remote.server.mend();
    eventually("it goes on where it was", async || remote.whoami(&remote.token()).await == ok()).await;
    assert_eq!(remote.whoami(&token).await, refused(401, "invalid_token"));
    assert_eq!(remote.server.snapshot_requests(), 1);
}

#[tokio::test]
async fn a_file_is_as_old_as_what_its_guard_knew() {
    let kept = Kept::ended(
        |_| {},
        async |first, kept| {
            kept.issuer.clock().advance(Duration::from_secs(3_600));
            let now = kept.issuer.clock().now();
            let recently = |date: Timestamp| now.since(date) < Duration::from_secs(60);
            eventually("it was fresh all the time", async || recently(kept.date())).await;
            drop(first);
        },
    );
    let kept = kept.await;
    kept.issuer.clock().advance(Duration::from_secs(500));
    let (remote, _folder) = kept.start_again().await;
    assert_eq!(remote.whoami(&remote.token()).await, ok());
    assert!(remote.is_stale());
}

/// What has been dropped by such a clock is not in the file.
#[tokio::test]
async fn r27_what_a_clock_that_was_ahead_left_of_the_file_is_not_believed() {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    let folder = tempfile::tempdir().unwrap();
    server.shared.revoke("token", "a-token-that-is-dead");
    let first = guard(&issuer, &server, &folder).await;
    tokio::time::timeout(Duration::from_secs(20), first.ready()).await.unwrap();
    let right = issuer.clock().now();
    issuer.clock().advance(Duration::from_secs(365 * 86_400));
    eventually("it forgets", async || first.status().issuers[0].revocations == 0).await;
    server.shared.happen(json!({ "kind": "company_disabled", "company": "initech" }));
    let kept = Kept { issuer, server, folder };
    let text = || String::from_utf8_lossy(&fs::read(kept.file()).unwrap()).into_owned();
    eventually("it is written", async || text().contains("initech")).await;
    drop(first);
    kept.issuer.clock().set(right);
    kept.shut_server_down();
    let (remote, _folder) = kept.start_again().await;
    assert_eq!(remote.whoami(&remote.token()).await, refused(503, "keys_unavailable"));
    *remote.server.shared.snapshot_fault.lock() = None;
    remote.server.mend();
    eventually("it starts as ever", async || remote.whoami(&remote.token()).await == ok()).await;
    let dead = remote.token().claim("jti", "a-token-that-is-dead");
    assert_eq!(remote.whoami(&dead).await, refused(401, "invalid_token"));
}

#[tokio::test]
async fn what_comes_by_the_stream_is_kept_too() {
    let issuer = TestIssuer::new();
    let server = Server::start(&issuer).await;
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(&issuer, &server, &folder).await;
    tokio::time::timeout(Duration::from_secs(20), guard.ready()).await.unwrap();
    let is_kept = || {
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        // One that is being written lies beside it for a moment.
        files.len() == 1
            && fs::read(&files[0]).is_ok_and(|file| String::from_utf8_lossy(&file).contains("initech"))
    };
    server.shared.happen(json!({ "kind": "company_disabled", "company": "initech" }));
    eventually("it is in the file, and nothing else is left lying about", async || is_kept()).await;
}

#[tokio::test]
async fn a_file_that_is_damaged_or_not_meant_is_ignored() {
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let damages: [(&str, Damage); 5] = [
        ("empty", |_| Vec::new()),
        ("short", |file| file[..file.len() - 1].to_vec()),
        ("flipped", |mut file| {
            let at = file.len() - 10;
            file[at] ^= 1;
            file
        }),
        ("another audience", |file| {
            let text = String::from_utf8_lossy(&file[..file.len() - 4])
                .replace("timesheets.example", "payroll.example");
            let sum = crc32fast::hash(text.as_bytes()).to_le_bytes();
            [text.as_bytes(), &sum].concat()
        }),
        ("no JSON", |_| {
            let sum = crc32fast::hash(b"hello\n").to_le_bytes();
            [b"hello\n".as_slice(), &sum].concat()
        }),
    ];
    for (what, damage) in damages {
        let kept = Kept::after(|_| {}).await;
        let whole = fs::read(kept.file()).unwrap();
        fs::write(kept.file(), damage(whole)).unwrap();
        let (remote, _folder) = kept.start_again().await;
        assert_eq!(remote.whoami(&remote.token()).await, refused(503, "keys_unavailable"), "{what}");
        *remote.server.shared.snapshot_fault.lock() = None;
        eventually("it starts as ever", async || remote.whoami(&remote.token()).await == ok()).await;
    }
}
