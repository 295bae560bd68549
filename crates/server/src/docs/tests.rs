//! The documentation hangs together: every page is in the index, every link leads somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::docs::index::sections;
use crate::docs::markdown::render;

/// Where the repository's own files are shown.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

fn name(file: &str) -> &str {
    match file.strip_suffix(".md").unwrap_or(file) {
        "README" => "",
        name => name,
    }
}

/// What stands in `href="…"` or `id="…"`.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let opening = format!(" {attribute}=\"");
    html.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn rendered(name: &str) -> Option<String> {
    let file = if name.is_empty() { "README.md".to_owned() } else { format!("{name}.md") };
    text(&file).ok().map(|text| render(&text, name).html)
}

#[test]
fn the_index_has_every_page_once_and_no_other() {
    let listed: Vec<_> =
        INDEX.iter().flat_map(|section| &section.entries).map(|entry| &*entry.name).collect();
    let files: Vec<String> = Files::iter().map(|file| file.into_owned()).collect();
    let pages: BTreeSet<_> = files.iter().map(|file| name(file)).filter(|name| !name.is_empty()).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), pages);
    assert_eq!(listed.len(), pages.len(), "none is listed twice");
    assert!(pages.len() > 20, "the pages are found");
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for file in Files::iter() {
        let html = rendered(name(&file)).unwrap();
        for link in values(&html, "href") {
            followed += 1;
            if let Some(path) = link.strip_prefix(REPOSITORY) {
                let path = path.split('#').next().unwrap();
                let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
                assert!(there.exists(), "{file}: {link}");
                continue;
            }
            if link.starts_with("https://") {
                continue;
            }
            let (page, anchor) = link.split_once('#').map_or((&*link, None), |(page, it)| (page, Some(it)));
            let target = match page {
                "" => name(&file),
                "/docs" => "",
                page => page.strip_prefix("/docs/").unwrap_or_else(|| panic!("{file}: {link}")),
            };
            let target = rendered(target).unwrap_or_else(|| panic!("{file}: {link}: no such page"));
            if let Some(anchor) = anchor {
                assert!(
                    values(&target, "id").iter().any(|id| id == anchor),
                    "{file}: {link}: no such heading"
                );
            }
        }
    }
    assert!(followed > 60, "{followed} links are found");
}

#[test]
fn every_page_has_one_title_and_no_heading_twice() {
    for file in Files::iter() {
        let html = rendered(name(&file)).unwrap();
        assert_eq!(html.matches("<h1 ").count(), 1, "{file}");
        let ids = values(&html, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{file}: {ids:?}");
        assert!(!html.contains("style=") && !html.contains("<script"), "{file}");
    }
}

#[test]
fn the_index_is_read_as_it_is_written() {
    let text = "# T\n\n> What.\n\n## One\n\n- [A](guides/a.md): what\n- no link\n\n## Two\n\n- [B](b.md)\n";
    let read = sections(text);
    let names: Vec<_> = read.iter().flat_map(|it| &it.entries).map(|it| (&*it.title, &*it.name)).collect();
    assert_eq!(names, [("A", "guides/a"), ("B", "b")]);
    assert_eq!(read.iter().map(|it| &*it.title).collect::<Vec<_>>(), ["One", "Two"]);
}
