//! A page as a browser reads it: its forms, its links, its words.

use reqwest::Method;
use reqwest::header::LOCATION;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::answer::Answer;

/// A page, or what came in its place.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// The answer that it came in.
    pub answer: Answer,
}

/// A form, filled in as the page has it.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: Url,
    /// How.
    pub method: Method,
    /// What is filled in, buttons left out.
    pub fields: Vec<(String, String)>,
}

impl Page {
    /// Where it sends the browser to.
    #[must_use]
    pub fn redirect(&self) -> Option<Url> {
        let to = self.answer.headers.get(LOCATION)?.to_str().unwrap();
        Some(self.url.join(to).unwrap())
    }

    /// All forms.
    #[must_use]
    pub fn forms(&self) -> Vec<Form> {
        self.html().select(&selector("form")).map(|form| self.read(form)).collect()
    }

    /// The form that goes to `path`.
    #[must_use]
    #[track_caller]
    pub fn form(&self, path: &str) -> Form {
        let forms = self.forms();
        let found = forms.iter().find(|form| form.action.path() == path);
        found.unwrap_or_else(|| panic!("no form for {path} in {self:?}")).clone()
    }

    /// The form that goes to `path` and has this field with this value.
    #[must_use]
    #[track_caller]
    pub fn form_with(&self, path: &str, name: &str, value: &str) -> Form {
        let wanted = (name.to_owned(), value.to_owned());
        let mut forms = self.forms().into_iter();
        let found = forms.find(|form| form.action.path() == path && form.fields.contains(&wanted));
        found.unwrap_or_else(|| panic!("no form for {path} with {wanted:?} in {self:?}"))
    }

    /// The words of everything that `css` selects.
    #[must_use]
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.html().select(&selector(css)).map(words).collect()
    }

    /// An attribute of everything that `css` selects, where it is there.
    #[must_use]
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let html = self.html();
        html.select(&selector(css)).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    /// What it tells as an error.
    #[must_use]
    pub fn alert(&self) -> String {
        self.texts("[role=\"alert\"]").join(" ")
    }

    fn html(&self) -> Html {
        Html::parse_document(&self.answer.body)
    }

    fn read(&self, form: ElementRef<'_>) -> Form {
        let action = self.url.join(form.attr("action").unwrap_or_default()).unwrap();
        let method = match form.attr("method").unwrap_or("get") {
            "post" => Method::POST,
            _ => Method::GET,
        };
        let field = |input: ElementRef<'_>| {
            let left_out = matches!(input.attr("type"), Some("submit" | "button"))
                || (matches!(input.attr("type"), Some("checkbox" | "radio"))
                    && input.attr("checked").is_none());
            let name = input.attr("name").filter(|_| !left_out)?;
            // Of a list what is chosen, or else the first.
            let chosen = ["option[selected]", "option"];
            let chosen = chosen.iter().find_map(|css| input.select(&selector(css)).next());
            let value = chosen.unwrap_or(input).attr("value").unwrap_or_default();
            Some((name.to_owned(), value.to_owned()))
        };
        Form { action, method, fields: form.select(&selector("input, select")).filter_map(field).collect() }
    }
}

impl Form {
    /// With a field filled in, or a button pressed.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Without a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// What is filled in under a name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}
