### Developer Settings: one's personal access tokens.

developer-title = Developer Settings
developer-tokens = Personal access tokens
developer-text = With a personal access token, a program of yours calls an API as you: it may do there what you may do, and no more.
developer-warning = Keep your tokens secret. Do not share one in e-mails, chat messages, client-side code or on public pages. If that has happened, press “Refresh” beside it: the value that others know stops working, and you get a new one.
developer-new = Make a token
developer-none = You have no token that works.
developer-ended = Expired and revoked
developer-ended-hint = The last fifty can be seen here for 90 days.

## A token

developer-works = active
developer-expired = expired
developer-revoked = revoked
developer-full = Full access (same as you)
developer-all-there = everything that you may do there

# $company (Element) - its name
developer-for = For { $company }

# $addresses (Element) - networks
developer-only-from = Only from { $addresses }

# $at (String) - an instant
developer-made = Made { $at }

# $at (String) - an instant
developer-used = Last used { $at }

# $address (Element) - an IP address
developer-used-from = from { $address }

# $client (Element) - what a program calls itself
developer-used-with = with { $client }
developer-unused = Never used

# $when (Element) - from now: in 12 days
developer-expires = Expires { $when }

# $when (Element) - from now: 3 days ago
developer-expired-at = Expired { $when }

# $when (Element) - from now: 3 days ago
developer-revoked-at = Revoked { $when }

# $until (String) - an instant
developer-overlaps = The value before works until { $until }
developer-refresh = Refresh
developer-roll = Roll with overlap
developer-revoke = Revoke

# $name (String) - the token's
developer-refresh-label = Refresh the token { $name }

# $name (String) - the token's
developer-roll-label = Roll with overlap the token { $name }

# $name (String) - the token's
developer-revoke-label = Revoke the token { $name }

## A new value

developer-value = Here is the value. Copy it now: it is not shown again.
developer-copy = Copy
developer-copied = Copied
developer-try = To try it, give it to a terminal without leaving it in the history, and then run one of these:

# $address (Element) - an example
developer-placeholder = This server does not know at which address your API is. Write it in the place of { $address }

## What became of it

developer-dead = The value before does not work any more.

# $bound (String) - how long, from developer-seconds
developer-dying = The value before does not work here any more, and within { $bound } at no API.
developer-revoked-notice = The token is revoked.
developer-overtaken = The token was given another value just now, somewhere else. Nothing was changed here.
developer-sent-before = This form was sent before. What it made is in the list; its value was shown then, and is not shown again. If you have not kept it, refresh the token.

# $most (Number) - how many
developer-too-many = You have { $most } tokens that work, and there cannot be more. Revoke one first.
developer-too-often = Values of your tokens and your account secret were made or shown sixty times within an hour. You can still revoke.

## Before it is done

# $name (Element) - the token's
developer-refresh-title = Refresh { $name }?

# $last (Element) - the last characters of a value
# $bound (String) - how long, from developer-seconds
developer-refresh-text = Its value that ends in { $last } stops working at once here, and at APIs within { $bound } at the most, and with it whatever uses it.

# $until (String) - an instant
developer-next = You are shown a new value, once. Name and settings stay as they are, and the new value works until { $until }.

# $name (Element) - the token's
developer-roll-title = Roll { $name } with overlap?

# $last (Element) - the last characters of a value
developer-roll-text = Its value that ends in { $last } goes on working for a while, so that you can put the new one in its place without haste. If somebody else knows it, refresh the token instead.
developer-overlap-legend = For how long?

# $name (Element) - the token's
developer-revoke-title = Revoke { $name }?

# $last (Element) - the last characters of a value
# $bound (String) - how long, from developer-seconds
developer-revoke-text = Its value that ends in { $last } stops working at once here, and at APIs within { $bound } at the most, and with it whatever uses it. It cannot be brought back.

# $count (Number) - how many
developer-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }

# $count (Number) - how many
developer-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }

# $count (Number) - how many
developer-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }

## Another token

developer-name = Name
developer-name-hint = To tell it from others, such as: nightly import.
developer-note = Note (optional)
developer-expires-legend = Expires

# $count (Number) - how many
# $until (String) - an instant
developer-days-until = { $count } days, until { $until }
developer-on-a-day = On a day of your choice
developer-day = Last day

# $latest (String) - an instant
developer-day-hint = It works to the end of that day in UTC, but not after { $latest }.
developer-access = Access
developer-full-hint = Whatever you may do, at every API, now and later.
developer-chosen = Only what is ticked here
developer-all-there-box = Everything that you may do there, now and later
developer-addresses = Only from these addresses (optional)
developer-addresses-hint = One address or network on each line, such as 192.0.2.7 or 192.0.2.0/24. Without any it can be used from everywhere.
developer-review = Review
developer-review-title = Is everything right?
developer-create = Make the token
developer-change = Change something
developer-company-text = A token acts for one company.

# $link (Element) - leads to the sign-in page; says security-confirm-link
developer-confirm = Before you go on, { $link } in another tab. Then send this form again.

# $scope (Element) - its name
developer-unknown-scope = The link asks for { $scope }, which you may not do anywhere. It is left out.

## What is wrong with it

# $most (Number) - how many characters
developer-name-unfit = The name must be visible text on one line, of at most { $most } characters.

# $most (Number) - how many characters
developer-note-unfit = The note must be on one line, of at most { $most } characters.

# $latest (String) - an instant
developer-expiry-unfit = Choose when it expires: not in the past, and not after { $latest }.
developer-company-unfit = You cannot act for this company.
developer-access-none = Tick what the token is for, or choose full access.
developer-access-both = You have chosen full access, and ticked some of it. Choose one of the two.
developer-access-gone = Something that you have ticked is not yours to do any more. Look through the list again.

# $most (Number) - how many
developer-addresses-many = There can be { $most } addresses at the most.

# $line (Number) - which line
# $text (String) - what stands there
developer-address-unreadable = Line { $line }, “{ $text }”, is neither an address nor a network.

# $line (Number) - which line
# $text (String) - what stands there
developer-address-everybody = Line { $line }, “{ $text }”, is everybody. For that, leave the list empty.
