### The account: what leads through it, My Profile, sessions, applications.

account-label = Account
account-to-content = To the content
account-profile = Profile
account-security = Security
account-sessions = Sessions
account-apps = Applications
account-developer = Developer Settings
account-data = Your data
account-sign-out = Sign out

## My Profile

profile-title = My Profile
profile-saved = Your profile is saved.
profile-acting-for = Acting for
profile-about-you = About you
profile-save = Save
profile-hint = You can leave any of this empty. An application learns of it only if you let it see your profile or your phone number.
profile-name = Name
profile-given-name = Given name
profile-family-name = Family name
profile-nickname = Nickname
profile-phone-number = Phone number
profile-website = Website
profile-language = Language
profile-language-browser = As set in the browser
profile-overtaken = Your account was changed just now, somewhere else. Check what you have written, and save it again.

# $field (String) - its label
# $problem (String) - what is wrong, from profile-…
profile-unfit = { $field } cannot be saved: { $problem }.
profile-telephone-form = write it as +49 30 123456
profile-website-form = it must begin with https:// or http://

# $most (Number) - how many characters
profile-too-long = it must be at most { $most } characters on one line

# $character (String) - its number in Unicode
profile-misleading = the character { $character } cannot be seen, or looks like another
profile-too-much = together with the rest of your profile it is too long

## Sessions

sessions-title = Sessions
sessions-heading = Where you are signed in
sessions-this-browser = this browser
sessions-unknown-device = Unknown device
sessions-unknown-address = unknown IP address

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

apps-title = Applications
apps-heading = What you let applications do
apps-none = You have not let any application act for you.
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
apps-hint = What you take back ends at once, including what the application holds already. If you take back one permission, the application has to come back for the others, and may ask you again for the one that you took back.
profile-language-form = this is not a language
language-itself = English
