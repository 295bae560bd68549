//! Markdown to HTML: headings get names to link to, links among pages lead to pages, and HTML within is shown as text.

use pulldown_cmark::{Alignment, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::paths;

/// A page without what is round it.
pub(super) struct Rendered {
    /// The text of its first heading.
    pub(super) title: String,
    /// Its body.
    pub(super) html: String,
}

/// Renders the page `name`, whose links are relative to where it stands: `guides/revocation`.
pub(super) fn render(text: &str, name: &str) -> Rendered {
    let events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let mut title = None;
    let mut rendered = Vec::with_capacity(events.len());
    for (place, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                let words = words(&events[place + 1..]);
                let id = Some(anchor(&words).into());
                title.get_or_insert(words);
                let (classes, attrs) = (classes.clone(), attrs.clone());
                rendered.push(Event::Start(Tag::Heading { level: *level, id, classes, attrs }));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let (title, id) = (title.clone(), id.clone());
                let dest_url = target(dest_url, name).into();
                rendered.push(Event::Start(Tag::Link { link_type: *link_type, dest_url, title, id }));
            }
            // An aligned column would have a style of its own, which the page's policy forbids. A wide one can be scrolled.
            Event::Start(Tag::Table(columns)) => {
                rendered.push(Event::InlineHtml("<div class=\"wide\" tabindex=\"0\">".into()));
                rendered.push(Event::Start(Tag::Table(vec![Alignment::None; columns.len()])));
            }
            Event::End(TagEnd::Table) => {
                rendered.push(event.clone());
                rendered.push(Event::InlineHtml("</div>".into()));
            }
            Event::Html(text) | Event::InlineHtml(text) => rendered.push(Event::Text(text.clone())),
            event => rendered.push(event.clone()),
        }
    }
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, rendered.into_iter());
    Rendered { title: title.unwrap_or_default(), html }
}

/// The words of the heading that has begun.
fn words(events: &[Event<'_>]) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .filter_map(|event| match event {
            Event::Code(text) | Event::Text(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

/// The name of a heading, as code hosts make it too: lower case, spaces as hyphens, no punctuation.
pub(super) fn anchor(words: &str) -> String {
    let kept = words.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Where a link leads: `../concepts/tenants.md#x` on the page `guides/revocation` is `/docs/concepts/tenants#x`.
fn target(written: &CowStr<'_>, name: &str) -> String {
    if written.contains("://") || written.starts_with('#') {
        return written.to_string();
    }
    let (file, anchor) =
        written.split_once('#').map_or((&**written, None), |(file, anchor)| (file, Some(anchor)));
    let mut path: Vec<&str> = name.split('/').collect();
    path.pop();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    let file = path.join("/");
    let page = file.strip_suffix(".md").unwrap_or(&file);
    let page = if page == "README" { paths::DOCS.to_owned() } else { format!("{}/{page}", paths::DOCS) };
    anchor.map_or_else(|| page.clone(), |anchor| format!("{page}#{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_headings_have_names() {
        let page = render(
            "# A `b` c!\n\n[x](../concepts/tenants.md#who) [y](verify/jose.md) [z](../README.md) [r](https://r.example/x.md)\n",
            "guides/a",
        );
        assert_eq!(page.title, "A b c!");
        for expected in [
            "<h1 id=\"a-b-c\">",
            "href=\"/docs/concepts/tenants#who\"",
            "href=\"/docs/guides/verify/jose\"",
            "href=\"/docs\"",
            "href=\"https://r.example/x.md\"",
        ] {
            assert!(page.html.contains(expected), "{expected}: {}", page.html);
        }
    }

    #[test]
    fn html_is_shown_as_text_and_no_style_is_inline() {
        let page = render("# T\n\n<script>x</script>\n\na <b>b</b>\n\n| a |\n|--:|\n| 1 |\n", "");
        assert!(!page.html.contains("<script") && !page.html.contains("<b>"), "{}", page.html);
        assert!(page.html.contains("&lt;script&gt;") && !page.html.contains("style="), "{}", page.html);
    }
}
