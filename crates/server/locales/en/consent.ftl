### What an application is let do: /consent, the company to act for, and the way back to the application.

company-title = For which company?

# $app (Element) - the application's name
company-text = Choose the one in which { $app } will act for you.
company-cancel = Cancel

# $username (Element) - who is signed in
consent-signed-in-as = You are signed in as { $username }.

# $username (Element) - who is signed in
# $company (Element) - its name
consent-signed-in-for-company = You are signed in as { $username }, for { $company }.

# $username (Element) - who is signed in
# $corporation (Element) - its name
consent-signed-in-for-all = You are signed in as { $username }, for all companies of { $corporation }.

# $app (Element) - the application's name
consent-title = Allow { $app }?
consent-verified = Verified: one of our own applications.
consent-unverified = Not verified: an application of another company.

# $host (Element) - its name
consent-on-to = After this you go on to { $host }.
consent-on-to-this-computer = After this you go on to an application on this computer.
consent-another-account = Use another account
consent-can = It can

# $api (Element) - its name
consent-in = In { $api }
consent-about-you = About you
consent-cannot = It cannot
consent-deny = Deny
consent-allow = Allow
consent-take-back = You can take this back at any time: in your account, under Applications.

## Scopes of OpenID Connect, and what no application gets

scope-address = See your postal address
scope-email = See your e-mail address
scope-offline-access = Keep this access while you are away
scope-openid = Know who you are here
scope-phone = See your phone number
scope-profile = See your name and profile
cannot-see-password = See or change your password
cannot-change-account = Change your account

## The way back

back-title = Back to the application
back-text = If nothing happens by itself:
