//! How a token is tried: a few lines in several languages, which read it from the environment, so that neither a file nor the
//! list of processes has it.

use tokenry_engine::session::SignedInUser;
use tokenry_engine::{OwnPat, Refusal};
use url::Url;

use crate::app::State;

/// What stands where it is not known at which address an API is. It is nobody's (RFC 2606 §3).
pub(crate) const PLACEHOLDER: &str = "https://api.example.com/";

/// A test in one language.
pub(crate) struct Snippet {
    pub(crate) language: &'static str,
    pub(crate) text: String,
}

const CURL: &str =
    "printf 'header = \"Authorization: Bearer %s\"\\n' \"$TOKENRY_PAT\" | curl -sS --config - 'URL'";
const PYTHON: &str = r#"import os, urllib.request

headers = {"Authorization": "Bearer " + os.environ["TOKENRY_PAT"]}
request = urllib.request.Request("URL", headers=headers)
print(urllib.request.urlopen(request).read().decode())"#;
const JAVASCRIPT: &str = r#"const headers = { Authorization: `Bearer ${process.env.TOKENRY_PAT}` };
fetch("URL", { headers }).then(async (answer) => console.log(answer.status, await answer.text()));"#;
const GO: &str = r#"package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest("GET", "URL", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKENRY_PAT"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	io.Copy(os.Stdout, answer.Body)
}"#;
const RUST: &str = r#"// cargo add reqwest tokio --features tokio/full
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("TOKENRY_PAT")?;
    let answer = reqwest::Client::new().get("URL").bearer_auth(token).send().await?;
    println!("{} {}", answer.status(), answer.text().await?);
    Ok(())
}"#;

/// A test in each language, of the API at `url`.
pub(super) fn all(url: Option<&str>) -> Vec<Snippet> {
    let url = url.unwrap_or(PLACEHOLDER);
    let snippet =
        |(language, text): (&'static str, &str)| Snippet { language, text: text.replace("URL", url) };
    [("curl", CURL), ("Python", PYTHON), ("JavaScript", JAVASCRIPT), ("Go", GO), ("Rust", RUST)]
        .into_iter()
        .map(snippet)
        .collect()
}

/// Where the token is tried: an address that the operator has named for one of its APIs. An audience is a name: a live token would
/// go to whoever has that.
pub(super) async fn url(state: &State, user: &SignedInUser, pat: &OwnPat) -> Result<Option<String>, Refusal> {
    let audiences: Vec<String> = match (&pat.apis, &pat.company) {
        (Some(apis), _) => apis.iter().map(|api| api.audience.clone()).collect(),
        (None, Some((company, _name))) => {
            let apis = state.engine.reachable_apis(&user.user().id, company).await?;
            apis.into_iter().map(|api| api.audience).collect()
        }
        (None, None) => Vec::new(),
    };
    let address = |audience: &String| state.try_at.iter().find(|(of, _url)| of == audience);
    Ok(audiences.iter().find_map(address).and_then(|(_audience, url)| callable(url)))
}

/// An address that says nothing but that in any of the languages.
fn callable(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/?#@&+,;=%._~-[]".contains(c);
    Some(String::from(url)).filter(|url| url.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pat_14_an_address_is_called_only_where_it_says_nothing_else() {
        for (audience, called) in [
            ("https://timesheets.example.com", Some("https://timesheets.example.com/")),
            ("http://127.0.0.1:8701/v1?x=1", Some("http://127.0.0.1:8701/v1?x=1")),
            ("urn:example:timesheets", None),
            ("timesheets", None),
            ("https://a.example/'; rm -rf ~; '", None),
            ("https://a.example/$(id)", None),
            ("https://a.example/`id`", Some("https://a.example/%60id%60")),
            ("https://a.example/{{x}}", Some("https://a.example/%7B%7Bx%7D%7D")),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(callable(audience).as_deref(), called, "{audience}");
        }
    }

    #[test]
    fn every_test_reads_the_token_from_the_environment_and_calls_the_address() {
        for snippet in all(Some("https://hours.example/x")) {
            let text = &snippet.text;
            assert!(text.contains("TOKENRY_PAT") && text.contains("https://hours.example/x"), "{text}");
        }
        assert!(all(None).iter().all(|it| it.text.contains(PLACEHOLDER)));
    }
}
