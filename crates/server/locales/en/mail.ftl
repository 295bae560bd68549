### Mails: for each a subject, an opening, what to click on, and closing lines.

mail-copy-address = Or copy this address into your browser:

# $at (String) - an instant
mail-at = on { $at }

# $at (String) - an instant
# $address (String) - an IP address
mail-at-from = on { $at }, from { $address }

# $at (String) - an instant
# $browser (String) - its name
mail-at-with = on { $at }, with { $browser }

# $at (String) - an instant
# $address (String) - an IP address
# $browser (String) - its name
mail-at-from-with = on { $at }, from { $address }, with { $browser }

# $at (String) - an instant
mail-link-once = The link works once, until { $at }.

# $at (String) - an instant
mail-link-until = The link works until { $at }.

# $reset (String) - the address of a page
# $host (String) - the server
mail-not-you = If it was not you, choose another password at once at { $reset } and let whoever runs { $host } know.

## Passwords and accounts

mail-reset-subject = Choose a new password

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-reset-opening = Somebody, probably you, asked for a new password for { $to } at { $host }: { $whence }.
mail-reset-link = Choose a new password
mail-reset-ignore = If it was not you, ignore this e-mail: your password stays as it is.
mail-invitation-subject = Choose your password

# $to (String) - the address
# $host (String) - the server
mail-invitation-opening = An account for { $to } was made for you at { $host }. Choose a password to use it.
mail-choose-password = Choose a password
mail-invitation-ignore = If you did not expect this, ignore this e-mail: nothing happens unless you use the link.
mail-sign-up-subject = Make your account

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-sign-up-opening = Somebody, probably you, wants an account for { $to } at { $host }: { $whence }.
mail-sign-up-ignore = If it was not you, ignore this e-mail: no account is made unless you use the link.
mail-verification-subject = Confirm your e-mail address

# $to (String) - the address
# $host (String) - the server
mail-verification-opening = Please confirm that { $to } is your address at { $host }.
mail-verification-link = Confirm the address

# $host (String) - the server
mail-verification-ignore = If you have no account at { $host }, ignore this e-mail: nothing happens.
mail-password-changed-subject = Your password was changed

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-password-changed-opening = The password for { $to } at { $host } was changed { $whence }.
mail-password-changed-closing = Every other browser was signed out; sign in there with the new password.

# $page (String) - the address of a page
mail-staying-authenticator = An authenticator is still asked for: look at it at { $page }, and remove what is not yours.

# $passkeys (Number) - how many
# $page (String) - the address of a page
mail-staying-passkeys =
    { $passkeys ->
        [one] One passkey still opens the account: look at it at { $page }, and remove what is not yours.
       *[other] { $passkeys } passkeys still open the account: look at them at { $page }, and remove what is not yours.
    }

# $passkeys (Number) - how many
# $page (String) - the address of a page
mail-staying-both =
    { $passkeys ->
        [one] One passkey still opens the account, and an authenticator is still asked for: look at them at { $page }, and remove what is not yours.
       *[other] { $passkeys } passkeys still open the account, and an authenticator is still asked for: look at them at { $page }, and remove what is not yours.
    }

## Factors

mail-codes-guessed-subject = Somebody seems to know your password

# $to (String) - the address
# $host (String) - the server
# $count (Number) - how many
# $whence (String) - when, from where, with what
mail-codes-guessed-opening = Somebody got past the password for { $to } at { $host } and then entered { $count } wrong codes of the authenticator: the last { $whence }.
mail-codes-guessed-you = If it was you, wait for the next code, or use a recovery code.
mail-passkey-added-subject = A passkey was added

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-passkey-added-opening = A passkey was added for { $to } at { $host } { $whence }.
mail-passkey-added-closing = Whoever has it can sign in without your password.
mail-passkey-three-days = A new password that you choose there within three days removes the passkey, too, if you had no second factor before it.
mail-passkey-removed-subject = A passkey was removed

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-passkey-removed-opening = A passkey of { $to } at { $host } was removed { $whence }.
mail-passkey-removed-closing = Nobody can sign in with it any more.
mail-recovery-code-used-subject = A recovery code was used

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-recovery-code-used-opening = A recovery code of { $to } at { $host } was used { $whence }.
mail-recovery-code-used-closing = It does not work again.
mail-recovery-codes-made-subject = You have new recovery codes

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-recovery-codes-made-opening = New recovery codes for { $to } at { $host } were made { $whence }.
mail-recovery-codes-made-closing = The earlier ones no longer work.
mail-factor-added-subject = A second factor was added

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-factor-added-opening = An authenticator was added for { $to } at { $host } { $whence }.
mail-factor-added-closing = You are asked for its code when you sign in.
mail-factor-three-days = A new password that you choose there within three days removes the authenticator, too, if you had no second factor before it.
mail-factor-removed-subject = The second factor was removed

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-factor-removed-opening = The authenticator of { $to } at { $host } was removed { $whence }.
mail-factor-removed-closing = You are not asked for its codes any more.

## Leaving

mail-account-deleted-subject = Your account was deleted

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-account-deleted-opening = The account for { $to } at { $host } was deleted { $whence }, as was asked for.
mail-account-deleted-closing = Nothing of it can be brought back. This is the last e-mail about it.
mail-deletion-requested-subject = Your account will be deleted

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-deletion-requested-opening = Somebody, probably you, asked for the account of { $to } at { $host } to be deleted: { $whence }.

# $at (String) - an instant
# $page (String) - the address of a page
mail-deletion-until = Until { $at } you can sign in at { $page } and keep it; then it is deleted for good.
mail-deletion-taken-back-subject = Your account stays

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-deletion-taken-back-opening = The account for { $to } at { $host }, which was to be deleted, was kept { $whence }.
mail-deletion-taken-back-closing = Applications ask you to sign in again.

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-deletion-operator-opening = Whoever runs { $host } kept the account for { $to }, which was to be deleted, { $whence }.
mail-former-leaving-subject = An account that had your address will be deleted

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-former-leaving-opening = Somebody asked for the account at { $host } that had the address { $to } until lately to be deleted: { $whence }.

# $at (String) - an instant
mail-former-leaving-not-you = If it was not you, open the link in our mail about the change of that address: until { $at } it gives the account this address back, and the account is not deleted.
mail-former-leaving-you = If it was you, there is nothing to do.

## Addresses

mail-address-link = Look at the change
mail-address-now = You sign in with the new address from now on.

# $host (String) - the server
mail-by-operator-ask = If you do not know why, ask whoever runs { $host }.
mail-address-allow-subject = Allow another e-mail address

# $to (String) - the address
# $host (String) - the server
# $other (String) - the address that is wished for
# $whence (String) - when, from where, with what
mail-address-allow-opening = Somebody, probably you, wants the account of { $to } at { $host } to have the address { $other }: { $whence }.
mail-address-allow-closing = Nothing changes until both addresses have agreed.

# $reset (String) - the address of a page
mail-address-allow-not-you = If it was not you, do not allow it, and choose another password at once at { $reset }: somebody may know yours.
mail-address-changed-subject = Your e-mail address was changed

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-address-changed-opening = The account of { $to } at { $host } got another e-mail address { $whence }.
mail-address-changed-link = It was not me

# $at (String) - an instant
mail-address-changed-not-you = If it was not you, open the link by { $at }: there you give the account this address back, sign everybody out and choose another password.

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-address-operator-opening = Whoever runs { $host } gave the account of { $to } another e-mail address { $whence }.
mail-address-claim-subject = Confirm your new e-mail address

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-address-claim-opening = Somebody, probably you, wants an account at { $host } to have the address { $to }: { $whence }.
mail-address-claim-ignore = If it was not you, ignore this e-mail: nothing changes unless you agree.
mail-address-restored-subject = A change of address was taken back

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-address-restored-opening = The account at { $host } that had the address { $to } got its earlier address back { $whence }.
mail-address-restored-closing = Somebody who reads the e-mail of the earlier address took the change back.

# $host (String) - the server
mail-address-restored-yours = If the account is yours, let whoever runs { $host } know.
mail-address-taken-subject = This e-mail address has an account

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-address-taken-opening = Somebody wanted another account at { $host } to have the address { $to }: { $whence }.
mail-address-taken-closing = Nothing was changed: an account has this address, or had it until a few days ago.

# $login (String) - the address of a page
mail-address-taken-you = If it was you, sign in at { $login } with this address.

## What others did

mail-new-device-subject = A new sign-in

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-new-device-opening = Somebody, probably you, signed in as { $to } at { $host } with a browser that is new here: { $whence }.

# $sessions (String) - the address of a page
mail-new-device-closing = You see where you are signed in, and can sign out there, at { $sessions }.

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-password-operator-opening = Whoever runs { $host } set another password for { $to } { $whence }.
mail-signed-out-everywhere = You were signed out everywhere.

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-factor-operator-opening = Whoever runs { $host } removed all second factors of { $to }, passkeys too, { $whence }.
mail-factor-operator-closing = You now sign in with your password alone; you were signed out everywhere.

## Personal access tokens

mail-pat-link = See your tokens
mail-pat-created-subject = A personal access token was made

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-pat-created-opening = Somebody, probably you, made a personal access token for { $to } at { $host }: { $whence }.
mail-pat-created-closing = Whoever has it can do what you may do, until it expires or is revoked.
mail-pat-replaced-subject = A personal access token was replaced

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-pat-replaced-opening = A personal access token of { $to } at { $host } got another value { $whence }.
mail-pat-refreshed-closing = The one before does not work any more.
mail-pat-rolled-closing = The one before works a while longer.
mail-pat-revoked-subject = A personal access token was revoked

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-pat-revoked-opening = A personal access token of { $to } at { $host } was revoked { $whence }.
mail-pat-revoked-closing = It does not work any more.

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-pat-operator-opening = Whoever runs { $host } revoked a personal access token of { $to } { $whence }.
mail-pat-expires-subject = A personal access token expires

# $to (String) - the address
# $host (String) - the server
# $at (String) - an instant
mail-pat-expires-opening = A personal access token of { $to } at { $host } works until { $at }.
mail-pat-expires-closing = Programs that use it stop working then, unless they get another one before.

## Account secrets

mail-account-secret-link = See your account secret
mail-account-secret-assigned-subject = You have an account secret

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-account-secret-assigned-opening = Whoever runs { $host } made { $to } a developer’s account { $whence }: it has an account secret, by which programs on servers act as you.
mail-account-secret-assigned-closing = You find it under Developer Settings. Nobody was shown it.
mail-account-secret-revealed-subject = Your account secret was shown

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-account-secret-revealed-opening = Somebody, probably you, had the account secret of { $to } at { $host } shown { $whence }.

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-account-secret-operator-revealed-opening = Whoever runs { $host } had the account secret of { $to } shown { $whence }.
mail-account-secret-revealed-closing = Whoever has seen it can act as you where it is taken, until it is rotated or revoked.
mail-account-secret-rotated-subject = Your account secret was replaced

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-account-secret-rotated-opening = Somebody, probably you, replaced the account secret of { $to } at { $host } { $whence }.

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-account-secret-operator-rotated-opening = Whoever runs { $host } replaced the account secret of { $to } { $whence }.
mail-account-secret-rotated-closing = Under Developer Settings you see whether the one before still works for a while.
mail-account-secret-revoked-subject = Your account secret was revoked

# $to (String) - the address
# $host (String) - the server
# $whence (String) - when, from where, with what
mail-account-secret-revoked-opening = The account secret of { $to } at { $host } was revoked { $whence }.

# $host (String) - the server
# $to (String) - the address
# $whence (String) - when, from where, with what
mail-account-secret-operator-revoked-opening = Whoever runs { $host } revoked the account secret of { $to } { $whence }.
mail-account-secret-revoked-closing = It does not work any more.

## Credentials that leaked

mail-leaked-subject = Credentials of yours can be seen by others

# $host (String) - the server
# $to (String) - the address
mail-leaked-opening = Somebody told { $host } that they have seen these credentials of { $to } where others can see them, too.
mail-leaked-link = See what happened to your account
mail-leaked-access-token = Access token of an application
mail-leaked-account-secret = Secret of your account
mail-leaked-pat = Personal access token
mail-leaked-refresh-token = Refresh token of an application
mail-leaked-secret = Secret

# $kind (String) - what it is
# $last4 (String) - its last four characters
mail-leaked-ending = { $kind } that ends with { $last4 }

# $what (String) - which credential
mail-leaked-dead = { $what }: it does not work any more.

# $what (String) - which credential
mail-leaked-lives = { $what }: it still works.

# $count (String) - how many more
mail-leaked-more = And { $count } more.

# $page (String) - the address of a page
# $host (String) - the server
mail-leaked-living = What still works was left alone because very many of the same application were reported. Take it back at { $page }, or ask whoever runs { $host }.
mail-leaked-closing = Whoever saw them may have used them before. Remove them from where they can be seen, and give your programs others.
