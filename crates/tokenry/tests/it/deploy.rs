//! The files of `deploy/`: a real nginx in front of a server, and what systemd itself says of the units.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, Client, ClientBuilder};

use crate::folder::{Folder, On};
use crate::process::{PATIENCE, Running, finish, serve};
use crate::serve::free_port;

fn example(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Replaces each, which has to be there.
fn with(text: String, replaced: &[(&str, &str)]) -> String {
    replaced.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in {text}");
        text.replace(from, to)
    })
}

/// nginx with the example's site, on a port of its own.
struct Nginx {
    _running: Running,
    url: String,
    certificate: Certificate,
}

impl Nginx {
    fn start(folder: &Folder, port: u16, upstream: &str) -> Self {
        let place = |name: &str| folder.path.path().join(name).display().to_string();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(place("fullchain.pem"), certificate.pem()).unwrap();
        fs::write(place("privkey.pem"), key.serialize_pem()).unwrap();
        let site = with(
            example("nginx.conf"),
            &[
                ("server 127.0.0.1:8700;", &format!("server {upstream};")),
                ("listen 443 ", &format!("listen 127.0.0.1:{port} ")),
                ("id.example.com;", "localhost;"),
                ("/etc/ssl/tokenry/fullchain.pem", &place("fullchain.pem")),
                ("/etc/ssl/tokenry/privkey.pem", &place("privkey.pem")),
            ],
        );
        fs::write(place("site.conf"), site).unwrap();
        // What a distribution's nginx.conf brings, in this folder alone.
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", place(&format!("nginx-{name}"))));
        let main = format!(
            "user root;\npid {};\nevents {{}}\nhttp {{\naccess_log off;\n{}include {};\n}}\n",
            place("nginx.pid"),
            temporary.concat(),
            place("site.conf")
        );
        fs::write(place("nginx.conf"), main).unwrap();
        let mut command = Command::new("nginx");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(["-e", "stderr", "-p", &place(""), "-c", &place("nginx.conf"), "-g", "daemon off;"]);
        let mut running = Running::start(command);
        running.wait_for(|_out, _err| std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        let certificate = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
        Self { _running: running, url: format!("https://localhost:{port}"), certificate }
    }

    fn client(&self) -> ClientBuilder {
        Client::builder().tls_certs_only([self.certificate.clone()]).no_proxy()
    }
}

#[tokio::test]
async fn r31_nginx_ends_tls_and_says_who_asks() {
    let folder = Folder::init(On::Sqlite);
    let port = free_port();
    folder.set("issuer", &format!("issuer = \"https://localhost:{port}\""));
    folder.set("trusted_proxies", "trusted_proxies = [\"127.0.0.1\"]");
    let seeded = folder.seed();
    let (mut server, upstream) = serve(&folder.config);
    let nginx = Nginx::start(&folder, port, upstream.trim_start_matches("http://"));
    // Another address of this host than nginx has, to be told apart.
    let client = nginx.client().local_address(Some([127, 0, 0, 2].into())).build().unwrap();
    let (id, secret) = &seeded.cron;
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    let ask = client.post(format!("{}/oauth/token", nginx.url)).form(&form);
    let answer = ask.header("x-forwarded-for", "203.0.113.7").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    let stay: Vec<_> = answer.headers().get_all("strict-transport-security").iter().collect();
    assert_eq!(stay, ["max-age=31536000"]);
    assert!(!answer.headers()["server"].to_str().unwrap().contains('/'), "no version");

    let events = client.get(format!("{}/guard/v1/events?after=0&guard=pod-1", nginx.url));
    let mut events = events.basic_auth(&seeded.api.0, Some(&seeded.api.1)).send().await.unwrap();
    assert_eq!(events.status(), 200);
    let mut heard = String::new();
    // Held back until a buffer is full, it would not come in time.
    while !heard.contains("complete") {
        let chunk = tokio::time::timeout(PATIENCE, events.chunk()).await.expect("events come at once");
        heard.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
    }
    drop(events);
    server.stop();
    assert_eq!(folder.ask("SELECT address FROM audit WHERE event = 'token.issued'"), "127.0.0.2");
}

#[test]
fn the_units_are_what_systemd_understands() {
    let folder = tempfile::tempdir().unwrap();
    let unit = |name: &str, replaced: &[(&str, &str)]| -> PathBuf {
        let file = folder.path().join(name);
        fs::write(&file, with(example(name), replaced)).unwrap();
        file
    };
    let service = unit("tokenry.service", &[("/usr/bin/tokenry", env!("CARGO_BIN_EXE_tokenry"))]);
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no"]).arg(&service).arg(unit("tokenry.socket", &[]));
    let said = finish(command);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{said:?}");
}
