//! That no verb is missing from the table.

use super::{VERBS, VERBS_ABOUT_PEOPLE};

/// So that whoever adds a verb decides there whether it makes views stale.
#[test]
fn the_table_knows_every_verb_that_changes_something() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut verbs = Vec::new();
    for entry in std::fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rs") || path.ends_with("migrate.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let names =
            text.split("    pub async fn ").skip(1).map(|rest| rest.split('(').next().unwrap().to_owned());
        verbs.extend(names);
    }
    let reads = |it: &str| {
        [
            "audit_hashes_",
            "auth_failures_since",
            "checkpoints_after",
            "count_",
            "find_",
            "list_",
            "latest_",
            "changes_",
            "company_directory",
            "disabled_companies",
            "announced_so_far",
            "any_signing_client",
            "any_unnumbered",
            "guard_counter",
            "guard_event_tag",
            "guard_events_after",
            "is_",
            "last_backup_at",
            "longest_token_ttl",
            "picture",
            "revoked_after",
            "propagated",
        ]
        .iter()
        .any(|start| it.starts_with(start))
    };
    verbs.retain(|it| {
        !reads(it)
            && !["begin_restore", "fill<R>", "give_up_restore", "record_issue", "record_opaque_issue"]
                .contains(&it.as_str())
    });
    verbs.sort();
    let mut known = VERBS_ABOUT_PEOPLE
        .iter()
        .copied()
        .flatten()
        .chain(VERBS)
        .map(|(name, ..)| (*name).to_owned())
        .collect::<Vec<_>>();
    known.sort();
    assert_eq!(verbs, known);
}
