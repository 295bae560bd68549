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
security-password-other = That is not your current password.
security-password-overtaken = Your account was changed just now, somewhere else. Nothing was changed here.

# $minutes (Number) - how long one has to wait
security-password-too-soon-mail = You changed your password less than { $minutes } minutes ago. To choose another one now, ask for a link by e-mail at /reset.

# $minutes (Number) - how long one has to wait
security-password-too-soon = You changed your password less than { $minutes } minutes ago. Try again later.

# $why (String) - what is wrong with it, from password-…
security-password-unfit = The new password cannot be used: { $why }.

## Passkeys

passkeys-heading = Passkeys
passkeys-text = A passkey signs you in without your password: your phone, computer or security key keeps it, and asks for your fingerprint, your face or a PIN to know that it is you.

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
passkeys-add-known = There is a passkey for this account already on the device that you used.
passkeys-name = Name of a new passkey
passkeys-name-hint = To tell it from others, such as: My phone, Blue key.
passkeys-add = Add a passkey
passkeys-no-script = To add a passkey, allow this page to run its script.
passkeys-added = The passkey is added.
passkeys-removed = The passkey is removed. Remove it from your device, too.

# $why (String) - from passkey-…
passkeys-unchanged = Nothing was changed: { $why }.

# $why (String) - from passkey-…
passkeys-not-added = No passkey was added: { $why }. Try again.
passkey-known = you have this passkey already

# $most (Number) - how many characters
passkey-name-unfit = its name must be visible text on one line, of at most { $most } characters
passkey-overtaken = the account was changed meanwhile
passkey-too-late = the page was open for too long, or was sent before
passkey-too-many = you have as many passkeys as an account can have
passkey-unproven = the browser has not made a passkey

## Second factor

factor-heading = Second factor
factor-authenticator = When you sign in, you are asked for a code of your authenticator.
factor-authenticator-or-passkey = When you sign in with your password, you are also asked for a code of your authenticator, or for one of your passkeys.
factor-passkey = When you sign in with your password, you are also asked for one of your passkeys, or for a recovery code.
factor-none = When you sign in, you are asked for your password alone.

# $count (Number) - how many
factor-codes-left =
    { $count ->
        [one] { $count } recovery code left.
       *[other] { $count } recovery codes left.
    }
factor-code-authenticator = A code of the authenticator, or a recovery code
factor-code-recovery = A recovery code
factor-new-codes = Make new recovery codes
factor-remove-authenticator = Remove the authenticator
factor-remove = Remove the second factor
factor-add = Add an authenticator
factor-removed = The second factor is removed.
factor-wrong-code = That code is not valid now. If it is from your authenticator, wait for the next one, and check the clock of the device.

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
totp-leave = Do not add it
codes-title = Recovery codes
codes-heading = Your recovery codes
codes-text = Keep them where you can find them without this device. Each replaces your second factor once. They will not be shown again.
codes-kept = I have saved them
