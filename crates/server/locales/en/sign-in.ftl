### Signing in and out: /login, /login/code, /logout.

login-title = Sign in
login-heading = Sign in
login-again = Confirm that it is you

# $app (Element) - the application's name
login-to-continue = to continue to { $app }
username = Username
password = Password
login-submit = Sign in
login-confirm = Confirm
login-with-passkey = Sign in with a passkey
login-confirm-with-passkey = Confirm with a passkey
login-passkey-failed = No passkey was used. Try again, or use your password.
login-forgotten = Forgotten your password?
login-no-account = No account yet?
login-make-account = Make one
login-wrong = Username or password is wrong.
passkey-wrong = This passkey could not be checked, or is not known here any more. Try again, or go on without it.

## The second factor

code-title = Second factor
code-heading = Enter your code
code-heading-other = Use your second factor
code-use-passkey = Use a passkey
code-passkey-failed = No passkey was used. Try again, or enter a code.
code-label = Code
code-label-recovery = Recovery code
code-hint = The six digits that your authenticator shows, or one of your recovery codes.
code-hint-recovery = One of the codes that you were shown once, to keep for when you need them.
go-on = Go on
code-somebody-else = Sign in as somebody else
code-wrong = That code is not valid now. Wait for the next one of your authenticator, or use a recovery code that you have not used yet.

## Signing out

logout-title = Sign out
logout-heading = Sign out?

# $app (Element) - the application's name
logout-asked = { $app } asks you to sign out.

# $app (Element) - the application's name
logout-asked-and-back = { $app } asks you to sign out, and you go back to it afterwards.

# $username (Element) - who is signed in
logout-signed-in-as = You are signed in as { $username }.
logout-submit = Sign out
logout-stay = Stay signed in
logout-done = You are signed out

# $app (Element) - the application's name
logout-back-to = Go back to { $app }
logout-sign-in = Sign in
