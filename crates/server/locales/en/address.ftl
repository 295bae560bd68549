### Another e-mail address: /account/address, and the links at /address.

address-title = E-mail address
address-yours = Your address

# $address (String) - the address
address-unconfirmed = { $address }, not confirmed
address-what-for = You sign in with it, and mail about your account goes there.
address-asked = The mails are on their way. Open the link in each of them.
address-called-off = The change is called off.
address-waiting-heading = A change is waiting

# $address (Element) - the address that is wished for
address-waiting-for = Your account shall have the address { $address }.

# $until (String) - an instant
address-waiting-until = The links in the mails work until { $until }.

# $address (String) - the address
address-agreed = { $address }: has agreed

# $address (String) - the address
address-not-yet = { $address }: waiting for its link to be opened
address-call-off = Call it off
address-change-heading = Change it
address-another-heading = Ask for another instead
address-no-mail = No mail is sent from here: ask whoever runs this server for another address.

# $link (Element) - address-confirm-link
address-confirm = To change your address, { $link }.
address-confirm-link = confirm that it is you
address-new = New address
address-rule-both = We send a link to your address and one to the new one. Nothing changes before both were opened and confirmed.
address-rule-new = We send a link to the new address. Nothing changes before it was opened and confirmed.
address-send = Send the links
address-none = Enter an e-mail address, such as ann@acme.example.
address-same = That is your address already.
address-overtaken = Your account was changed just now, somewhere else. Nothing was changed here.
address-too-often = You have asked for another address five times within an hour. Try again later.
address-profile-link = Change your e-mail address

## What links are for

address-link-title = Your e-mail address
address-allow-heading = Allow another address?

# $old (Element) - the address until now
# $new (Element) - the address from then on
address-allow-text = The account of { $old } shall have the address { $new } from now on, and sign in with it.
address-allow-submit = Allow the change
address-allow-hint = If you did not ask for it, do not agree, and choose another password: somebody may know yours.
address-claim-heading = Is this your address?

# $address (Element) - the address
address-claim-text = An account shall have the address { $address }.
address-claim-hint = Agree only if you asked for it: mail about that account goes there then.
address-claim-submit = Yes, this is mine
address-sign-in-heading = Sign in first
address-sign-in-text = This link is for whoever asked for the address. Sign in to the account that is to have it, and agree then.
address-another-account-heading = Another account is signed in here
address-another-account-text = This link is for whoever asked for the address, and that was another account. If that one is yours too, sign out here and sign in to it. If you did not ask for anything, close this page: nothing changes.
address-another-account-submit = Sign out
address-another-account-stay = Stay signed in
address-undo-heading = Take the change back?

# $address (Element) - the address of before
address-undo-text = The account gets the address { $address } back.
address-undo-hint = Everybody who is signed in to it is signed out, what was added to sign in with lately is removed, and you choose another password at once.
address-undo-submit = It was not me: take it back

## What came of it

address-dead = Each link works once, for a short time, and not after the change was called off or another address was asked for.
address-onward = Your address
address-done-title = The address is changed
address-done-text = From now on the account has the new address: sign in with it. Where you are signed in, you stay so.
address-done-onward = Your account
address-taken-title = Nothing was changed
address-taken-text = An account has the new address by now. Ask for another one.
address-thanks-title = Thank you
address-thanks-text = The address is changed once the link in the mail to the other address was opened and confirmed, too.
