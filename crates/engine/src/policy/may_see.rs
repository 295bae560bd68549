//! Who may learn anything of an access token: one sentence of the public surface, in one place.

use tokenry_model::{ClientId, ResourceServerId};

/// Who asks about a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Viewer<'a> {
    /// A client, which sees the tokens issued to itself.
    Client(&'a ClientId),
    /// An API with its own credential, which sees the tokens of its audience.
    ResourceServer(&'a ResourceServerId),
}

/// Whether `viewer` may see a token that was issued to `client` for the API `resource_server`, or for none.
#[must_use]
pub(crate) fn may_see(
    viewer: Viewer<'_>,
    client: &ClientId,
    resource_server: Option<&ResourceServerId>,
) -> bool {
    match viewer {
        Viewer::Client(viewer) => viewer == client,
        Viewer::ResourceServer(viewer) => Some(viewer) == resource_server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_02_nobody_sees_what_is_not_theirs() {
        let [cron, other] = ["cron", "other"].map(|id| ClientId::parse(id).unwrap());
        // An id may name a client and an API at once; that makes neither the other.
        let [timesheets, same_id] = ["timesheets", "cron"].map(|id| ResourceServerId::parse(id).unwrap());
        assert!(may_see(Viewer::Client(&cron), &cron, Some(&timesheets)));
        assert!(may_see(Viewer::ResourceServer(&timesheets), &cron, Some(&timesheets)));
        assert!(!may_see(Viewer::Client(&other), &cron, Some(&timesheets)));
        assert!(!may_see(Viewer::ResourceServer(&timesheets), &cron, None));
        assert!(!may_see(Viewer::ResourceServer(&same_id), &cron, Some(&timesheets)));
    }
}
