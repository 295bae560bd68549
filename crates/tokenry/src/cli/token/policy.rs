//! An API's policy, as its guard writes it, and which route of it a request asks for: as axum finds it.

use std::path::Path;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tokenry_engine::explain::{Access, Policy, Route};

use crate::failure::{Code, Failure, Result};

/// What is asked of an API: method and path.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: String,
    path: String,
}

/// What `guard.policy_table()` is as JSON.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct PolicyTable(Vec<Row>);

/// Strict: a member that this version does not know may say that a route is not open.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    method: String,
    path: String,
    access: RowAccess,
    scopes: Vec<String>,
    tenant_path: Option<String>,
    on_stale: OnStale,
    /// What may come as a credential; guards before this member was there took signed and opaque tokens.
    accept: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RowAccess {
    Authenticated,
    Optional,
    Public,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnStale {
    Deny,
    Serve,
}

impl FromStr for Request {
    type Err = String;

    /// A query is left out: no policy looks at it.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let problem = || "write it as \"POST /companies/acme/timesheets\": a method and a path".to_owned();
        let (method, target) = text.trim().split_once(' ').ok_or_else(problem)?;
        let path = target.split('?').next().unwrap_or_default();
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_method || !is_path {
            return Err(problem());
        }
        Ok(Self { method: method.to_ascii_uppercase(), path: path.to_owned() })
    }
}

impl PolicyTable {
    /// Reads a file.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let bad = |why: String| {
            Failure::new(Code::Usage, format!("the policy in {}: {why}", file.display())).hint(HOW_TO_MAKE)
        };
        let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
        Self::parse(&text).map_err(|error| bad(error.to_string()))
    }

    /// Reads the text of such a file.
    pub(super) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The route that a request asks for.
    pub(super) fn find(&self, request: &Request) -> Result<Route> {
        let unusable = |path: &str, why: String| {
            Failure::new(Code::Usage, format!("the policy's path \"{path}\" is of no use: {why}"))
        };
        let mut router = matchit::Router::new();
        let mut paths: Vec<_> = self.0.iter().map(|row| row.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            router.insert(path, path).map_err(|error| unusable(path, error.to_string()))?;
        }
        let Ok(found) = router.at(&request.path) else { return Ok(Route::Unknown) };
        let rows: Vec<_> = self.0.iter().filter(|row| row.path == *found.value).collect();
        let Some(row) = rows.iter().find(|row| row.serves(&request.method, &rows)) else {
            let methods: Vec<_> = rows.iter().map(|row| row.method.as_str()).collect();
            return Ok(Route::OtherMethods { shown: format!("{} {}", methods.join(", "), found.value) });
        };
        let named = |name: &String| {
            let value = found.params.get(name);
            value.map(decode).ok_or_else(|| unusable(&row.path, format!("it has no {{{name}}}")))
        };
        let company = row.tenant_path.as_ref().map(named).transpose()?;
        Ok(Route::Known(Policy {
            shown: row.shown(),
            access: row.access.into(),
            scopes: row.scopes.clone(),
            company,
        }))
    }
}

/// What to do about a policy that is not known.
pub(super) const HOW_TO_MAKE: &str = "in the API, write serde_json::to_string(&guard.policy_table()) to a file once its routes are built, \
                                      and name that file with --policy";

/// As the guard sees it. Bytes that are no text name no company.
fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8().map(String::from).unwrap_or_default()
}

impl Row {
    /// `GET` serves `HEAD` too, unless that has a row of its own; `ANY` serves everything.
    fn serves(&self, method: &str, rows: &[&Self]) -> bool {
        let own_head = || rows.iter().any(|row| row.method == "HEAD");
        self.method == method
            || self.method == "ANY"
            || method == "HEAD" && self.method == "GET" && !own_head()
    }

    /// As the guard prints it.
    fn shown(&self) -> String {
        let needs = match self.access {
            RowAccess::Authenticated if self.scopes.is_empty() => "authenticated".to_owned(),
            RowAccess::Authenticated => self.scopes.join(" and "),
            RowAccess::Optional => "optional".to_owned(),
            RowAccess::Public => "public".to_owned(),
        };
        let company =
            self.tenant_path.as_ref().map(|name| format!(", company = {{{name}}}")).unwrap_or_default();
        let stale = match self.on_stale {
            OnStale::Deny => ", and 503 while the guard's knowledge is stale",
            OnStale::Serve => "",
        };
        let takes = match self.accept.as_deref() {
            None | Some([]) => String::new(),
            Some(kinds) => format!(", and takes as a credential: {}", kinds.join(", ")),
        };
        format!("{} {} asks for: {needs}{company}{stale}{takes}", self.method, self.path)
    }
}

impl From<RowAccess> for Access {
    fn from(access: RowAccess) -> Self {
        match access {
            RowAccess::Authenticated => Self::Authenticated,
            RowAccess::Optional => Self::Optional,
            RowAccess::Public => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> PolicyTable {
        PolicyTable::parse(timesheets_api::POLICY).unwrap()
    }

    fn find(request: &str) -> Route {
        table().find(&request.parse().unwrap()).unwrap()
    }

    fn company(request: &str) -> Option<String> {
        match find(request) {
            Route::Known(policy) => policy.company,
            other => panic!("{request}: {other:?}"),
        }
    }

    #[test]
    fn routes_are_found_as_axum_finds_them() {
        assert_eq!(company("post /companies/a%63me/timesheets?week=1").as_deref(), Some("acme"));
        assert_eq!(company("GET /companies/%ff/timesheets").as_deref(), Some(""));
        assert_eq!(company("GET /companies//timesheets").as_deref(), Some(""));
        assert_eq!(company("HEAD /timesheets/1"), None);
        let Route::Known(import) = find("POST /import") else { panic!("no /import") };
        assert_eq!(
            import.shown,
            "POST /import asks for: create:timesheets, and takes as a credential: cookie, jwt, opaque, pat, secret"
        );
        for unknown in ["GET /", "GET /timesheets/", "GET /timesheets/1/2"] {
            assert!(matches!(find(unknown), Route::Unknown), "{unknown}");
        }
        let Route::OtherMethods { shown } = find("PUT /timesheets/1") else { panic!("PUT is no method") };
        assert_eq!(shown, "DELETE, GET /timesheets/{id}");
        let Route::Known(health) = find("GET /healthz") else { panic!("no /healthz") };
        assert_eq!((health.access, health.shown.as_str()), (Access::Public, "GET /healthz asks for: public"));
    }

    #[test]
    fn a_request_is_a_method_and_a_path() {
        for text in
            ["", "GET", "/timesheets", "GET timesheets", "GET https://a.example/b", "G3T /a", "GET /a b"]
        {
            assert!(text.parse::<Request>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_policy_that_says_more_or_less_is_not_guessed_at() {
        let row = r#"{"method":"GET","path":"/a/{b}","access":"public","scopes":[],"tenant_path":null,"on_stale":"serve"}"#;
        let parse = |row: &str| PolicyTable::parse(&format!("[{row}]"));
        assert!(parse(row).is_ok());
        assert!(parse(&row.replace("\"serve\"", "\"serve\",\"accept\":[\"jwt\"]")).is_ok());
        assert!(parse(&row.replace("\"access\"", "\"public_for\":[],\"access\"")).is_err());
        assert!(parse(&row.replace(",\"scopes\":[]", "")).is_err());
        assert!(parse(&row.replace("public", "open")).is_err());
        let asks = |row: &str| parse(row).unwrap().find(&"GET /a/1".parse().unwrap());
        assert!(asks(&row.replace("null", "\"c\"")).is_err(), "a company that the path does not name");
        assert!(asks(&format!("{row},{}", row.replace("{b}", "{c}"))).is_err(), "two names for one place");
    }
}
