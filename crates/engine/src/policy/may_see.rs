//! Who may learn anything of an access token: one sentence of the public surface, in one place.

use tokenry_model::{ClientId, ResourceServerId, UserId};

/// Who asks about a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Viewer<'a> {
    /// A developer by the secret of the account, who sees what acts as that account.
    Account(&'a UserId),
    /// A client, which sees the tokens issued to itself.
    Client(&'a ClientId),
    /// An API with its own credential, which sees the tokens of its audience.
    ResourceServer(&'a ResourceServerId),
}

/// Whether `viewer` may see a token that was issued to `client` for the API `resource_server`, or for none, to act as `user`, or
/// as itself.
#[must_use]
pub(crate) fn may_see(
    viewer: Viewer<'_>,
    client: &ClientId,
    resource_server: Option<&ResourceServerId>,
    user: Option<&UserId>,
) -> bool {
    match viewer {
        Viewer::Account(viewer) => Some(viewer) == user,
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
        let [ann, bob] = ["usr_ann", "usr_bob"].map(|id| UserId::parse(id).unwrap());
        assert!(may_see(Viewer::Client(&cron), &cron, Some(&timesheets), Some(&ann)));
        assert!(may_see(Viewer::ResourceServer(&timesheets), &cron, Some(&timesheets), Some(&ann)));
        assert!(!may_see(Viewer::Client(&other), &cron, Some(&timesheets), Some(&ann)));
        assert!(!may_see(Viewer::ResourceServer(&timesheets), &cron, None, Some(&ann)));
        assert!(!may_see(Viewer::ResourceServer(&same_id), &cron, Some(&timesheets), Some(&ann)));
        assert!(may_see(Viewer::Account(&ann), &cron, Some(&timesheets), Some(&ann)));
        assert!(!may_see(Viewer::Account(&bob), &cron, Some(&timesheets), Some(&ann)));
        assert!(!may_see(Viewer::Account(&ann), &cron, Some(&timesheets), None));
    }
}
