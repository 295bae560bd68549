### /account/security: password, passkeys, second factor, recovery codes.

security-title = Security
security-heading = Password and second factor

# $link (Element) - leads to the sign-in page; says security-confirm-link
security-confirm = To change anything here, { $link }.
security-confirm-link = confirm that it is you

## Password

security-password = Password
security-current-password = Current password
security-new-password = New password

# $least (Number) - how many characters
security-password-hint = At least { $least } characters. A few unrelated words are best.
security-change-password = Change password
security-password-everywhere = You will be signed out everywhere else.
security-password-changed = Your password is changed. You were signed out everywhere else.
security-password-other = Your current password is another one.
security-password-overtaken = Your account was changed just now, somewhere else. Nothing was changed here.

# $minutes (Number) - how long one has to wait
security-password-too-soon-mail = You changed your password less than { $minutes } minutes ago. To choose another one now, ask for a link by e-mail at /reset.

# $minutes (Number) - how long one has to wait
security-password-too-soon = You changed your password less than { $minutes } minutes ago. Try again later.

# $why (String) - what is wrong with it, from password-…
security-password-unfit = The new password cannot be taken: { $why }.

## Passkeys

passkeys-heading = Passkeys
passkeys-text = A passkey signs you in without your password: your phone, computer or security key shows that it is there, and you show to it that it is yours.

# $added (String) - an instant
# $used (String) - an instant
passkeys-line-used = added { $added }, last used { $used }

# $added (String) - an instant
passkeys-line-unused = added { $added }, never used

# $name (String) - what its owner calls it
# $added (String) - an instant
passkeys-remove-label = Remove the passkey { $name }, added { $added }
passkeys-remove = Remove
passkeys-add-failed = No passkey was added. Try again.
passkeys-add-known = There is a passkey for this account already in what you have used.
passkeys-name = Name of a new passkey
passkeys-name-hint = So that you know it again: My phone, Blue key.
passkeys-add = Add a passkey
passkeys-no-script = To add a passkey, allow this page to run its script.
passkeys-added = The passkey is added.
passkeys-removed = The passkey is removed. Remove it from your device, too.

# $why (String) - from passkey-…
passkeys-unchanged = Nothing was changed: { $why }.

# $why (String) - from passkey-…
passkeys-not-added = No passkey was added: { $why }. Try again.
passkey-known = this passkey is there already

# $most (Number) - how many characters
passkey-name-unfit = a passkey is called by something to see, on one line, of at most { $most } characters
passkey-overtaken = the account was changed meanwhile
passkey-too-late = that was asked too long ago, or was answered before
passkey-too-many = there are as many passkeys as there may be
passkey-unproven = the browser has not made a passkey

## Second factor

factor-heading = Second factor
factor-authenticator = An authenticator is asked for its code when you sign in.
factor-authenticator-or-passkey = An authenticator is asked for its code when you sign in by password, or one of your passkeys.
factor-passkey = When you sign in by password, one of your passkeys or a recovery code is asked for as well.
factor-none = Nothing but your password is asked for when you sign in.

# $count (Number) - how many
factor-codes-left =
    { $count ->
        [one] { $count } recovery code left.
       *[other] { $count } recovery codes left.
    }
factor-code-authenticator = A code of the authenticator, or a recovery code
factor-code-recovery = A recovery code
factor-new-codes = New recovery codes
factor-remove-authenticator = Remove the authenticator
factor-remove = Remove the second factor
factor-add = Add an authenticator
factor-removed = The second factor is removed.
factor-wrong-code = That is not the code that counts now. Wait for the next one; is the clock of the device right?

## Another authenticator

totp-title = Add an authenticator

# $link (Element) - opens it; says totp-scan-link
totp-scan = Scan this with an authenticator app, or { $link }.
totp-scan-link = open it on this device
totp-picture = The key as a picture to scan

# $key (Element) - a text to type
totp-type = Or type this key: { $key }
totp-code = The code that the app shows
totp-confirm = Confirm
totp-leave = Leave it as it is
codes-title = Recovery codes
codes-heading = Your recovery codes
codes-text = Keep them where you find them without this device. Each stands in for your second factor once. They are not shown again.
codes-kept = I have kept them
