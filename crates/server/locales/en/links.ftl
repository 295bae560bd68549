### Links that come by mail, and asking for one: /reset, /signup, /verify.

link-email = E-mail address
link-send = Send a link
link-back = Back to sign in
link-ask-again = Ask once more
link-ask = Ask for a link
link-sign-in = Sign in
link-look-into-mail = Look into your mail
link-too-many = Too many links were asked for.
link-other-title = This page was for another link
link-other-text = Another link was opened in this browser since. Open the one in your mail once more.
link-dead-title = This link does not work any more
link-dead-text = Each link works once, for a short time, and not after the password was changed.

## A forgotten password

reset-title = Forgotten password
reset-heading = Choose a new password
reset-text = We send a link to your e-mail address, by which you can choose a new one.
reset-no-address = Enter the e-mail address that you sign in with.
reset-no-mail-title = No mail is sent from here
reset-no-mail-text = Ask whoever runs this server for a new password.

# $minutes (Number) - how long
reset-sent = If there is an account for that address, an e-mail with a link is on its way. The link works for { $minutes } minutes.
reset-done-title = Your password is set
reset-done-text = Sign in with it, in the application if you came from one. Wherever you were signed in before, you are signed out.
choose-title = Choose a password
choose-first = Choose your password
choose-another = Choose a new password
choose-new = New password

# $least (Number) - how many characters
choose-rule = At least { $least } characters; spaces count. Four or more unrelated words are good.
choose-submit = Set the password
choose-everywhere = You will be signed out everywhere.

# $why (String) - what is wrong with it, from password-…
choose-unfit = This password cannot be taken: { $why }.
password-guessable = it is among the first that are guessed; four or more words that have nothing to do with each other are better

# $characters (Number) - how many
# $bytes (Number) - how many
password-too-long = it must be at most { $characters } characters and { $bytes } bytes

# $least (Number) - how many characters
password-too-short = it must be at least { $least } characters; spaces count
password-unchanged = it is the one that you have

## An account of one's own

sign-up-title = Make an account
sign-up-text = We send a link to your e-mail address, by which you choose a password.
sign-up-back = Sign in, if you have one
sign-up-no-address = Enter your e-mail address.
sign-up-none-title = Accounts are not made here
sign-up-none-text = Ask whoever runs this server for one.

# $minutes (Number) - how long
sign-up-sent = An e-mail with a link is on its way to that address. The link works for { $minutes } minutes.

## Proving an address

verify-title = Confirm your address

# $username (Element) - the address
verify-question = Is { $username } your e-mail address?
verify-submit = Yes, it is mine
verify-done-title = Your address is confirmed
verify-done-text = You can close this page.
