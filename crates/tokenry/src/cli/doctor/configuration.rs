//! The configuration: that it can be read, that a server would start with it, and what in it seldom is meant.

use std::path::Path;

use url::{Host, Url};

use super::finding::Finding;
use super::patient::Patient;
use crate::config::Config;
use crate::host::{brand_differs, read_config};
use crate::serve::check_config;
use crate::tls::certificate;

/// Reads it.
pub(super) fn read(file: &Path) -> Result<Config, Finding> {
    read_config(file).map_err(|failure| Finding::failed("config", &failure, "correct what is named there"))
}

pub(super) fn judge(file: &Path, config: &Config, patient: &Patient) -> Vec<Finding> {
    let mut findings = vec![consistent(file, config)];
    findings.extend(brand(config, patient));
    findings.extend(listen(config));
    findings.push(proxies(config));
    findings.push(metrics(config));
    findings.push(other_sites(config));
    findings
}

fn consistent(file: &Path, config: &Config) -> Finding {
    match check_config(config) {
        // A certificate that cannot be served is told of under its own name.
        Err(failure) if certificate(config).is_ok() => {
            Finding::failed("config", &failure, "correct what is named there, and ask `tokenry config check`")
        }
        _ => Finding::ok("config", format!("{} can be read, and its values fit together", file.display())),
    }
}

/// Another brand than the database's secrets have.
fn brand(config: &Config, patient: &Patient) -> Option<Finding> {
    let kept = patient.known.as_ref()?.brand.as_ref().ok()?.as_deref()?;
    let failure = brand_differs(&config.secrets.brand, kept)?;
    Some(Finding::failed("config.brand", &failure, "correct secrets.brand"))
}

/// Whether who asks at the issuer can come to where the server listens.
fn listen(config: &Config) -> Option<Finding> {
    let url = Url::parse(&config.issuer).ok()?;
    let own = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    let port = url.port_or_known_default()?;
    if own && config.listen.port() != 0 && config.listen.port() != port {
        return Some(Finding::warning(
            "config.listen",
            format!("the issuer is at port {port} of this host, and the server listens on {}", config.listen),
            format!("write one port in both issuer and listen, unless something forwards {port}"),
        ));
    }
    if own && !config.listen.ip().is_loopback() {
        return Some(Finding::warning(
            "config.listen",
            format!("{} can be reached from outside, where {} is another host", config.listen, config.issuer),
            "write the name in issuer by which clients reach this server, or listen on 127.0.0.1",
        ));
    }
    None
}

/// Whether the limits on guessing can tell clients apart.
fn proxies(config: &Config) -> Finding {
    let check = "config.trusted_proxies";
    let behind_a_proxy = config.issuer.starts_with("https:")
        && config.tls.cert == Path::new("")
        && config.listen.ip().is_loopback();
    if behind_a_proxy && config.trusted_proxies.is_empty() {
        return Finding::warning(
            check,
            "a proxy ends TLS for this server and is not trusted to say who asks: all clients have its address, and one of \
             them that guesses too often has all of them turned away",
            format!(
                "trusted_proxies = [\"{}\"], if the proxy sets X-Forwarded-For itself",
                config.listen.ip()
            ),
        );
    }
    match config.trusted_proxies.as_slice() {
        [] => Finding::ok(check, "no proxy speaks for others; clients are told apart by their own addresses"),
        some => {
            let listed: Vec<_> = some.iter().map(ToString::to_string).collect();
            Finding::ok(check, format!("{} may say in X-Forwarded-For who asks", listed.join(", ")))
        }
    }
}

/// Whether pages of other sites may use people's sessions, and whether that is of any use.
fn other_sites(config: &Config) -> Finding {
    let check = "config.same_site";
    let (sessions, none) = (&config.sessions, config.sessions.same_site == "none");
    match sessions.headless_origins.as_slice() {
        [] if none => Finding::warning(
            check,
            "every other site's requests carry the cookie for APIs, and no user interface is there that needs that",
            "same_site = \"lax\", or list the interface's origin in headless_origins",
        ),
        [] => Finding::ok(check, "nobody but our own pages signs people in"),
        listed if none => Finding::warning(
            check,
            format!(
                "every other site's requests carry the cookie for APIs, for the sake of {}",
                listed.join(", ")
            ),
            "same_site = \"lax\" where the interfaces are of the issuer's own site; those of others do better with a code \
             and PKCE, since browsers that keep third parties' cookies back sign nobody in there",
        ),
        listed => Finding::ok(check, format!("pages of {} may sign people in", listed.join(", "))),
    }
}

fn metrics(config: &Config) -> Finding {
    let check = "config.metrics_listen";
    match config.metrics_listen {
        None => Finding::skipped(check, "metrics are served nowhere"),
        Some(address) if address == config.listen && address.port() != 0 => Finding::failure(
            check,
            format!("metrics and the server itself would both listen on {address}"),
            "give metrics_listen another port",
        ),
        Some(address) if !address.ip().is_loopback() => Finding::warning(
            check,
            format!(
                "metrics can be asked for at {address} from wherever trusted_proxies are, without a password"
            ),
            format!(
                "metrics_listen = \"127.0.0.1:{}\", or a network that only Prometheus is in",
                address.port()
            ),
        ),
        Some(address) => Finding::ok(check, format!("only this host can ask for metrics, at {address}")),
    }
}
