//! What somebody asks of a new personal access token, and whether they can have that.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use tokenry_clock::Timestamp;
use tokenry_model::{Company, PatApi, PatReach, TenantBinding};
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::Reachable;

use super::error::PatError;
use crate::manage::{composed, misleads};
use crate::policy::company::{Pick, Wanted, pick};

/// The longest name of a personal access token, in characters.
pub const MAX_PAT_NAME: usize = 80;
/// The longest note, in characters.
pub const MAX_PAT_NOTE: usize = 300;
/// The shortest lifetime.
pub const MIN_PAT_LIFETIME: Duration = Duration::from_secs(60);
/// How many networks may be named.
pub const MAX_PAT_ADDRESSES: usize = 50;
/// How many leading bits of an IPv6 address say that it is an IPv4 one (RFC 4291 §2.5.5.2).
const MAPPED: u8 = 96;

/// A personal access token to be made.
#[derive(Clone, Debug)]
pub struct NewPat {
    /// What its owner calls it.
    pub name: String,
    /// What else they say of it.
    pub note: String,
    /// How long it lives, and each value that comes after.
    pub expires_in: Duration,
    /// The company that they act for by it; `None`: the only one that they are in.
    pub company_id: Option<String>,
    /// The APIs that it is for, by audience; `None`: all at which they may do something, now or later.
    pub apis: Option<Vec<String>>,
    /// What of what they may do there; `None`: all, now or later.
    pub scopes: Option<Vec<String>>,
    /// In the place of both: what of what they may do at each API, by audience; of an API `None`: all, now or later.
    pub each: Option<Vec<(String, Option<Vec<String>>)>>,
    /// The addresses and networks from which alone it may be used; none: from everywhere.
    pub allowed_addresses: Vec<String>,
}

/// A name, as it is kept.
pub(crate) fn fit_name(name: &str) -> Result<String, PatError> {
    let name = composed(name.trim());
    let count = name.chars().count();
    if !(1..=MAX_PAT_NAME).contains(&count) || name.chars().any(misleads) {
        let problem =
            format!("it must be something to see, on one line, of at most {MAX_PAT_NAME} characters");
        return Err(PatError::invalid("name", problem));
    }
    Ok(name)
}

/// A note, as it is kept.
pub(super) fn fit_note(note: &str) -> Result<String, PatError> {
    let note = composed(note.trim());
    if note.chars().count() > MAX_PAT_NOTE || note.chars().any(misleads) {
        let problem = format!("it must be on one line, of at most {MAX_PAT_NOTE} characters");
        return Err(PatError::invalid("note", problem));
    }
    Ok(note)
}

/// Refuses what lives too short or, by a slip of the pen, nearly for ever.
pub(super) fn check_lifetime(lifetime: Duration, longest: Duration) -> Result<(), PatError> {
    if (MIN_PAT_LIFETIME..=longest).contains(&lifetime) {
        return Ok(());
    }
    let (least, most) = (MIN_PAT_LIFETIME.as_secs(), longest.as_secs());
    let days = most / 86_400;
    let problem = format!("it must be between {least} and {most} seconds ({days} days); every token expires");
    Err(PatError::invalid("expires_in", problem))
}

/// The company that they act for: of those that they are in and that may act, the one that they name or the only one; `None`:
/// there is none.
pub(super) fn company(
    companies: Vec<Company>,
    named: Option<&str>,
    now: Timestamp,
) -> Result<Option<Company>, PatError> {
    let wanted = named.map_or(Wanted::Any, Wanted::This);
    match pick(companies, &TenantBinding::Unbound, wanted, now) {
        Pick::None => Ok(None),
        Pick::NotTheirs => Err(PatError::invalid("company_id", "you are no member of this company")),
        Pick::One(company) => Ok(Some(company)),
        Pick::Several(companies) => {
            let ids: Vec<_> = companies.iter().map(|company| company.id.as_str()).collect();
            let problem = format!("you are in several companies; say for which one, of {}", ids.join(", "));
            Err(PatError::invalid("company_id", problem))
        }
    }
}

/// What the token is for, out of the APIs at which they may do something now.
pub(super) fn reach(
    reachable: &[Reachable],
    apis: Option<&[String]>,
    scopes: Option<&[String]>,
) -> Result<PatReach, PatError> {
    let named: Vec<&Reachable> = match apis {
        None => reachable.iter().collect(),
        Some([]) => return Err(PatError::invalid("apis", "name at least one, or leave it out for all")),
        Some(apis) => apis.iter().map(|api| find(reachable, api)).collect::<Result<_, _>>()?,
    };
    let wanted = scopes.map(|scopes| held_scope(&named, scopes)).transpose()?;
    let Some(wanted) = wanted else {
        let all = |it: &&Reachable| PatApi { resource_server_id: it.resource_server.id.clone(), scope: None };
        let named = || PatReach::Only(distinct(named.iter().map(all)));
        return Ok(apis.map_or(PatReach::Everything, |_apis| named()));
    };
    // A scope that several of them define holds at each.
    let narrowed = named.iter().filter_map(|it| {
        let scope = it.resource_server.scope().intersection(&wanted);
        let resource_server_id = it.resource_server.id.clone();
        (!scope.is_empty()).then_some(PatApi { resource_server_id, scope: Some(scope) })
    });
    Ok(PatReach::Only(distinct(narrowed)))
}

/// The same where it is said of each API.
pub(super) fn reach_each(
    reachable: &[Reachable],
    each: &[(String, Option<Vec<String>>)],
) -> Result<PatReach, PatError> {
    if each.is_empty() {
        return Err(PatError::invalid("scopes", "name at least one"));
    }
    let narrowed = each.iter().map(|(audience, scopes)| {
        let api = find(reachable, audience)?;
        let resource_server_id = api.resource_server.id.clone();
        let scope = scopes.as_ref().map(|scopes| held_scope(&[api], scopes)).transpose()?;
        Ok(PatApi { resource_server_id, scope })
    });
    Ok(PatReach::Only(distinct(narrowed.collect::<Result<Vec<_>, PatError>>()?.into_iter())))
}

fn find<'a>(reachable: &'a [Reachable], audience: &str) -> Result<&'a Reachable, PatError> {
    // The same of one that there is not: nobody learns here which APIs there are.
    let unknown =
        || PatError::invalid("apis", format!("there is no API \"{audience}\" at which you may do anything"));
    reachable.iter().find(|it| it.resource_server.audience == audience).ok_or_else(unknown)
}

fn held_scope(named: &[&Reachable], scopes: &[String]) -> Result<Scope, PatError> {
    if scopes.is_empty() {
        return Err(PatError::invalid(
            "scopes",
            "name at least one, or leave it out for all that you may do",
        ));
    }
    let mut wanted = Vec::new();
    for scope in scopes {
        let held = |it: &&Reachable| {
            it.resource_server.scope().contains(scope)
                && it.held.iter().any(|held| held.scope.contains(scope))
        };
        let token = ScopeToken::parse(scope).ok().filter(|_token| named.iter().any(held));
        let problem = || PatError::invalid("scopes", format!("you may not do \"{scope}\" there"));
        wanted.push(token.ok_or_else(problem)?);
    }
    Ok(wanted.into_iter().collect())
}

/// Whoever names an API twice names it once.
fn distinct(apis: impl Iterator<Item = PatApi>) -> Vec<PatApi> {
    let mut all: Vec<PatApi> = apis.collect();
    all.sort_by(|one, two| one.resource_server_id.cmp(&two.resource_server_id));
    all.dedup();
    all
}

/// Addresses and networks as they are kept: networks in CIDR notation, each once.
pub(super) fn allowed_addresses(texts: &[String]) -> Result<Vec<String>, PatError> {
    if texts.len() > MAX_PAT_ADDRESSES {
        return Err(PatError::invalid("allowed_addresses", format!("{MAX_PAT_ADDRESSES} at most")));
    }
    let mut networks = texts.iter().map(|text| network(text)).collect::<Result<Vec<_>, _>>()?;
    networks.sort_unstable();
    networks.dedup();
    Ok(networks.iter().map(ToString::to_string).collect())
}

/// Why a line is none of which tokens can be bound to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BadAddress {
    /// A network in which everybody is.
    Everybody,
    /// Neither an address nor a network.
    Unreadable,
}

/// What is wrong with a line that should be an address or a network; `None`: nothing.
#[must_use]
pub fn bad_address(text: &str) -> Option<BadAddress> {
    parse_network(text.trim()).err()
}

fn network(text: &str) -> Result<IpNet, PatError> {
    let text = text.trim();
    parse_network(text).map_err(|bad| {
        let problem = match bad {
            BadAddress::Everybody => "is everybody; leave the list empty",
            BadAddress::Unreadable => "is neither an address nor a network such as 192.0.2.0/24",
        };
        PatError::invalid("allowed_addresses", format!("\"{text}\" {problem}"))
    })
}

fn parse_network(text: &str) -> Result<IpNet, BadAddress> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_no_address) => text.parse().map_err(|_neither| BadAddress::Unreadable)?,
    };
    let network = as_ipv4(network).trunc();
    if network.prefix_len() == 0 { Err(BadAddress::Everybody) } else { Ok(network) }
}

/// IPv4 that was written as IPv6, as what it is.
fn as_ipv4(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let plain = v6.addr().to_ipv4_mapped().filter(|_address| v6.prefix_len() >= MAPPED);
    let plain = plain.and_then(|address| ipnet::Ipv4Net::new(address, v6.prefix_len() - MAPPED).ok());
    plain.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Result<Vec<String>, PatError> {
        allowed_addresses(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn networks_are_kept_as_what_they_are() {
        let kept = addresses(&[
            "192.0.2.7",
            "192.0.2.99/24",
            " 192.0.2.0/24",
            "2001:db8::1",
            "::ffff:203.0.113.9/120",
        ]);
        assert_eq!(kept.unwrap(), ["192.0.2.0/24", "192.0.2.7/32", "203.0.113.0/24", "2001:db8::1/128"]);
        for bad in ["", "office", "192.0.2.0/33", "0.0.0.0/0", "::/0", "::ffff:0:0/96", "192.0.2.7:80", "*"] {
            assert!(addresses(&[bad]).is_err(), "{bad}");
        }
        assert!(addresses(&vec!["192.0.2.7"; MAX_PAT_ADDRESSES + 1]).is_err());
    }

    #[test]
    fn pat_14_a_name_is_what_one_sees() {
        for good in ["  ci ", "<b>bold</b>", "=1+1", "بناء", &"ü".repeat(MAX_PAT_NAME)] {
            assert_eq!(fit_name(good).unwrap(), good.trim());
        }
        for bad in ["", "  ", "a\nb", "a\u{202e}b", "a\u{0}", &"a".repeat(MAX_PAT_NAME + 1)] {
            assert!(fit_name(bad).is_err(), "{bad:?}");
        }
        assert!(fit_note("").is_ok() && fit_note(&"a".repeat(MAX_PAT_NOTE + 1)).is_err());
    }

    #[test]
    fn pat_08_a_lifetime_has_its_bounds() {
        let year = Duration::from_secs(366 * 86_400);
        for (seconds, fits) in [
            (0, false),
            (59, false),
            (60, true),
            (31_622_400, true),
            (31_622_401, false),
            (86_400_000_000_000, false),
        ] {
            assert_eq!(check_lifetime(Duration::from_secs(seconds), year).is_ok(), fits, "{seconds}");
        }
        assert!(check_lifetime(Duration::MAX, year).is_err());
    }
}
