### What happened to an account, as its owner is told, and the copy of what is kept.

events-heading = Recent events
events-none = Nothing has happened in the last 90 days.
events-text = What happened to your account in the last 90 days, the latest first. If any of it was not you, reset your password by e-mail from the sign-in page: that also ends personal access tokens made lately. And let whoever runs this server know.

# $what (String) - one of event-…
event-by-administrator = { $what } by an administrator

# $what (String) - one of event-…
# $count (Number) - more than one
event-times = { $what }, { $count } times in a row
event-app-gone = an application that is gone
event-company-gone = a company that is gone
event-account-made = The account was made
event-account-secret-assigned = A developer’s account secret was assigned
event-account-secret-revealed = The account secret was shown
event-account-secret-revoked = The account secret was revoked
event-account-secret-rotated = The account secret was replaced
event-address-called-off = The change of address was cancelled
event-address-changed = The e-mail address was changed
event-address-restored = The change of address was taken back
event-address-wish-confirmed = A change of address was agreed to by e-mail
event-address-wished = Another e-mail address was asked for
event-address-confirmed = The e-mail address was confirmed

# $app (String) - its name
event-app-allowed = Access was given to { $app }

# $app (String) - its name
event-app-denied = Access was denied to { $app }

# $app (String) - its name
event-app-narrowed = A permission was taken back from { $app }

# $app (String) - its name
event-app-taken-back = Access was taken back from { $app }
event-barred = The account was disabled
event-credential-leaked = A credential was reported as seen by others
event-deletion-requested = Deletion of the account was asked for
event-deletion-taken-back = The account was kept after all
event-exported = A copy of the account’s data was downloaded
event-invitation-accepted = A first password was chosen
event-invited = A link to choose a first password was sent

# $company (String) - its name
event-membership-added = The account was added to { $company }

# $company (String) - its name
event-membership-removed = The account was removed from { $company }

# $company (String) - its name
event-membership-updated = The roles in { $company } were changed
event-passkey-added = A passkey was added
event-passkey-removed = A passkey was removed
event-password-changed = The password was changed
event-password-reset = A new password was chosen by a link in an e-mail
event-password-reset-requested = A link to choose a new password was asked for
event-pat-created = A personal access token was made
event-pat-expiring = A personal access token is about to expire
event-pat-refreshed = A personal access token got another value
event-pat-revoked = A personal access token was revoked
event-pat-rolled = A personal access token got another value, and the one before a while longer
event-profile-changed = The profile was changed
event-reauthenticated = The sign-in was confirmed
event-recovery-code-used = A recovery code was used
event-recovery-codes-made = New recovery codes were made
event-second-factor-added = An authenticator was added
event-second-factor-removed = The second factor was removed
event-second-factor-wrong = The password was right, and the second factor was wrong
event-sign-in-failed = A sign-in failed
event-signed-in = Somebody signed in
event-signed-out = A browser was signed out
event-signed-out-everywhere = All browsers were signed out
event-unbarred = The account was enabled again
event-verification-sent = A link to confirm the e-mail address was sent

## The copy

data-title = Your data

# $link (Element) - leads to the sign-in page; says security-confirm-link
data-confirm = To do anything here, { $link }.
data-copy-heading = A copy of your data
data-copy-text = One file with what is kept about you here: your profile, companies and roles, what you let applications do, where you are signed in, how you sign in, and what happened to your account. Neither your password nor any key is in it.
data-download = Download your data
data-too-often = You have downloaded your data six times within an hour.
