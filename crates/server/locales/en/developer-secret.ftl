### Developer Settings: the secret of a developer’s account.

developer-secret = Account secret
developer-secret-text = With the account secret, programs of yours on servers act as you at the routes that take it. It does not expire. Prefer a personal access token: that one does, and it can be narrowed.
developer-secret-warning = For servers only. Never put it into a web page, an app or anything else that runs in a browser: what a browser sends with it is refused. If somebody else knows it, rotate it at once.
developer-secret-revoked = It was revoked. No program can use it any more.
developer-secret-make = Make another one

# $at (String) - an instant
developer-secret-seen = Last shown { $at }
developer-secret-once = It is not kept, and cannot be shown: only the page that makes one shows it, once. If you do not have it, rotate it.
developer-secret-former = the one before

# $until (String) - an instant
developer-secret-former-until = Works until { $until }
developer-secret-header = Programs send it in this header field:

# $endpoint (Element) - an address
developer-secret-where = Here, only { $endpoint } takes it, and tells about your own tokens.
developer-secret-apis = At an API, only the routes that say so take it. Which they are, this server does not know: ask whoever runs the API.
developer-secret-routes = At APIs, these routes take it:

# $answer (Element) - JSON
developer-secret-try = To try it, give it to a terminal without leaving it in the history. This asks about a token that there is not; with the right secret, the answer is { $answer }
developer-secret-reveal = Reveal
developer-secret-rotate = Rotate
developer-secret-reveal-label = Reveal the account secret
developer-secret-rotate-label = Rotate the account secret
developer-secret-revoke-label = Revoke the account secret
developer-secret-value = Here is the secret.

## What became of it

developer-secret-revoked-notice = The account secret is revoked.
developer-secret-overtaken = The account secret was changed just now, somewhere else. Nothing was changed here.
developer-secret-none = There is no account secret any more. Nothing was changed.
developer-secret-sent-before = This form was sent before, and the secret was rotated then. It was not rotated again.

## Before it is done

developer-secret-reveal-title = Reveal the account secret?
developer-secret-reveal-text = The next page shows it. That is recorded, and you are told by e-mail. Make sure that nobody else sees your screen.
developer-secret-rotate-title = Rotate the account secret?

# $last (Element) - the last characters of a value
developer-secret-rotate-text = You are shown another secret. The one that ends in { $last } stops working, and with it whatever uses it: at once, or after a while in which both work.

# $last (Element) - the last characters of a value
developer-secret-rotate-former = The one before it, which ends in { $last }, stops working at once in any case.
developer-secret-overlap-legend = For how long does the one until now go on working?
developer-secret-overlap-none = Not at all
developer-secret-make-title = Make another account secret?
developer-secret-make-text = The next page shows it.
developer-secret-revoke-title = Revoke the account secret?

# $last (Element) - the last characters of a value
developer-secret-revoke-text = The one that ends in { $last } stops working at once, and with it whatever uses it; so does the one before it, if that still works. It cannot be brought back, but you can make another one.
