//! The pages in their order, as `docs/README.md` lists them.

use std::sync::LazyLock;

/// Some pages with a heading.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Section {
    /// `Guides`.
    pub(super) title: String,
    /// Its pages, in order.
    pub(super) entries: Vec<Entry>,
}

/// A page as the index has it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Entry {
    /// `Add a partner`.
    pub(super) title: String,
    /// `guides/add-a-partner`.
    pub(super) name: String,
}

/// The sections, in order.
pub(super) static INDEX: LazyLock<Vec<Section>> =
    LazyLock::new(|| sections(&super::text("README.md").unwrap_or_default()));

/// Reads `## Guides` and `- [Add a partner](guides/add-a-partner.md): what it is for`.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push(Section { title: title.to_owned(), entries: Vec::new() });
        } else if let (Some(entry), Some(section)) = (entry(line), sections.last_mut()) {
            section.entries.push(entry);
        }
    }
    sections
}

fn entry(line: &str) -> Option<Entry> {
    let (title, rest) = line.strip_prefix("- [")?.split_once("](")?;
    let (file, _what) = rest.split_once(')')?;
    Some(Entry { title: title.to_owned(), name: file.strip_suffix(".md")?.to_owned() })
}
