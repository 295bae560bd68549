//! Certificates that change under a running server: by their files, by SIGHUP, and wrongly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use reqwest::tls::TlsInfo;
use tokio::task::JoinHandle;

use super::site::Site;
use crate::process::{PATIENCE, Running};

const KEPT: &str = "the new certificate cannot be served; the old one stays";

impl Site {
    /// The certificate that the next handshake brings.
    async fn presented(&self) -> Vec<u8> {
        let answer = self.client().build().unwrap().get(self.url("/healthz")).send().await.unwrap();
        answer.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
    }

    async fn comes_to_present(&self, certificate: &[u8], server: &Running) {
        let begun = Instant::now();
        while self.presented().await != certificate {
            assert!(begun.elapsed() < PATIENCE, "in vain: {}", server.stderr());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Clients that ask without pause, on connections that stay and on new ones; every answer has to be right.
struct Load {
    done: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    workers: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(site: &Site) -> Self {
        let (done, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let workers = [site.client(), site.client().http1_only(), site.client().pool_max_idle_per_host(0)];
        let workers = workers.map(|client| {
            let (client, url) = (client.build().unwrap(), site.url("/.well-known/jwks.json"));
            let (done, asked) = (Arc::clone(&done), Arc::clone(&asked));
            tokio::spawn(async move {
                while !done.load(SeqCst) {
                    let answer = client.get(&url).send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.unwrap();
                    asked.fetch_add(1, SeqCst);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        });
        Self { done, asked, workers: workers.into() }
    }

    async fn end(self) {
        self.done.store(true, SeqCst);
        for worker in self.workers {
            worker.await.unwrap();
        }
        assert!(self.asked.load(SeqCst) > 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r31_a_changed_pair_is_read_again_and_no_request_fails() {
    let site = Site::new();
    let first = site.authority.issue("localhost");
    site.install(&first);
    let mut server = site.serve();
    let load = Load::start(&site);
    assert_eq!(site.presented().await, first.der);
    // Again and again, and twice in a row with the same length and within a second.
    for _ in 0..2 {
        let next = site.authority.issue("localhost");
        site.install(&next);
        site.comes_to_present(&next.der, &server).await;
    }
    let next = site.authority.issue("localhost");
    site.install(&next);
    server.signal("HUP");
    site.comes_to_present(&next.der, &server).await;
    load.end().await;
    assert!(!server.stderr().contains(KEPT), "{}", server.stderr());
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r31_a_broken_pair_is_told_once_and_the_old_one_stays() {
    let site = Site::new();
    let good = site.authority.issue("localhost");
    site.install(&good);
    let mut server = site.serve();
    let load = Load::start(&site);
    let told = |times: usize| move |_out: &str, err: &str| (err.matches(KEPT).count() >= times).then_some(());
    let other = site.authority.issue("localhost");
    site.put("key.pem", &other.key);
    server.wait_for(told(1));
    assert_eq!(site.presented().await, good.der);
    site.put("cert.pem", "half a certifi");
    server.wait_for(told(2));
    std::fs::remove_file(site.file("cert.pem")).unwrap();
    server.wait_for(told(3));
    site.put("cert.pem", &other.chain);
    site.open_to_others("key.pem");
    server.wait_for(told(4));
    assert_eq!(site.presented().await, good.der);
    // Two more looks: what has been told is not told again.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.stderr().matches(KEPT).count(), 4, "{}", server.stderr());
    site.put("key.pem", &other.key);
    site.comes_to_present(&other.der, &server).await;
    load.end().await;
    assert!(!server.stderr().contains("PRIVATE KEY"), "{}", server.stderr());
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r31_sighup_does_not_end_a_server_without_a_certificate() {
    let folder = crate::folder::Folder::init(crate::folder::On::Sqlite);
    let (mut server, url) = crate::process::serve(&folder.config);
    server.signal("HUP");
    server.wait_for(|_out, err| err.contains("nothing to read again").then_some(()));
    assert_eq!(reqwest::get(format!("{url}/healthz")).await.unwrap().status(), 200);
    server.stop();
}
