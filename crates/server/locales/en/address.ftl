### Another e-mail address: /account/address, and the links at /address.

address-title = E-mail address
address-yours = Your address

# $address (String) - the address
address-unconfirmed = { $address }, not confirmed
address-what-for = You sign in with it, and e-mail about your account goes there.
address-asked = An e-mail is on its way to each address that has to agree. Open the link in each.
address-called-off = The change is cancelled.
address-waiting-heading = A change is waiting

# $address (Element) - the address that is wished for
address-waiting-for = Your account will get the address { $address } once the change is agreed to.

# $until (String) - an instant
address-waiting-until = The links in the mails work until { $until }.

# $address (String) - the address
address-agreed = { $address }: has agreed

# $address (String) - the address
address-not-yet = { $address }: has not agreed yet
address-call-off = Cancel the change
address-change-heading = Change your address
address-another-heading = Ask for a different address
address-no-mail = This server sends no e-mail. To change your address, ask whoever runs it.

# $link (Element) - address-confirm-link
address-confirm = To change your address, { $link }.
address-confirm-link = confirm that it is you
address-new = New address
address-rule-both = We send a link to your address and one to the new one. Nothing changes until both have been opened and confirmed.
address-rule-new = We send a link to the new address. Nothing changes until it has been opened and confirmed.
address-send = Send the links
address-none = Enter an e-mail address, such as ann@acme.example.
address-same = That is already your address.
address-overtaken = Your account was changed just now, somewhere else. Nothing was changed here.
address-too-often = You have asked for another address five times in an hour. Try again later.
address-profile-link = Change your e-mail address

## What links are for

address-link-title = Your e-mail address
address-allow-heading = Allow another address?

# $old (Element) - the address until now
# $new (Element) - the address from then on
address-allow-text = If you allow it, the account of { $old } gets the address { $new }, and you sign in with that from then on.
address-allow-submit = Allow the change
address-allow-hint = If you did not ask for this, do not allow it, and choose another password: somebody may know yours.
address-claim-heading = Is this your address?

# $address (Element) - the address
address-claim-text = An account is to get the address { $address }.
address-claim-hint = Agree only if you asked for this: e-mail about that account will come to this address.
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
address-undo-hint = Everybody who is signed in to it is signed out, ways to sign in that were added lately are removed, and you choose another password at once.
address-undo-submit = It was not me: take it back

## What came of it

address-dead = Each link works once and for a short time. It stops working when the change is cancelled or another address is asked for.
address-onward = Your address
address-done-title = The address is changed
address-done-text = From now on, sign in with the new address. Where you are signed in already, you stay signed in.
address-done-onward = Your account
address-taken-title = Nothing was changed
address-taken-text = The new address belongs to an account by now. Ask for a different one.
address-thanks-title = Thank you
address-thanks-text = The address changes once the link sent to the other address has been opened and confirmed, too.
