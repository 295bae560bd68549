### The account: what leads through it, My Profile, sessions, applications.

account-label = Account
account-to-content = To the content
account-profile = Profile
account-security = Security
account-sessions = Sessions
account-apps = Apps
account-data = Your data
account-sign-out = Sign out

## My Profile

profile-title = My Profile
profile-saved = Your profile is saved.
profile-acting-for = Acting for
profile-about-you = About you
profile-save = Save
profile-hint = All of it may stay empty. An application learns of it only if you let it read your profile, or your telephone number.
profile-name = Name
profile-given-name = Given name
profile-family-name = Family name
profile-nickname = Nickname
profile-phone-number = Telephone number
profile-website = Website
profile-language = Language
profile-language-browser = As the browser says
profile-overtaken = Your account was changed just now, somewhere else. Look at what you have written, and save it once more.

# $field (String) - its label
# $problem (String) - what is wrong, from profile-…
profile-unfit = { $field } cannot be taken: { $problem }.
profile-telephone-form = write it as +49 30 123456
profile-website-form = it must begin with https:// or http://

# $most (Number) - how many characters
profile-too-long = it must be at most { $most } characters on one line

# $character (String) - its number in Unicode
profile-misleading = { $character } in it cannot be told from something else by looking
profile-too-much = together it is more than fits

## Sessions

sessions-title = Sessions
sessions-heading = Where you are signed in
sessions-this-browser = this browser
sessions-unknown-device = Unknown device
sessions-unknown-address = unknown address

# $browser (String) - its name
# $system (String) - its name
browser-on = { $browser } on { $system }

# $address (String) - an IP address
# $last (String) - an instant
# $since (String) - an instant
sessions-line = { $address }, last used { $last }, since { $since }

# $device (String) - a browser
# $address (String) - an IP address
# $last (String) - an instant
sessions-end-label = Sign out { $device }, { $address }, last used { $last }
sessions-end = Sign out
sessions-end-all = Sign out everywhere

## Applications

apps-title = Apps
apps-heading = What you let applications do
apps-none = You have let no application act for you.
apps-verified = verified
apps-unverified = not verified

# $company (Element) - its name
apps-for = For { $company }:

# $corporation (Element) - its name
apps-for-all = For all companies of { $corporation }:

# $api (Element) - its name
apps-in = In { $api }:
apps-about-you = About you:

# $since (String) - an instant
apps-since = Since { $since }
apps-take-back = Take back

# $app (String) - the application's name
apps-take-back-label = Take back from { $app }

# $app (String) - the application's name
# $scope (String) - what it was let do
apps-take-back-scope-label = Take back from { $app }: { $scope }
apps-hint = What you take back ends at once, also what the application holds already. If you take back one thing, the application has to come back for the rest, and may ask you again for what you took.
profile-language-form = it is no language
language-itself = English
