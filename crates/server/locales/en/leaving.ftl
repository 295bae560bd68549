### Deleting one's account, and the page of whoever has. Text only, no markup.

leave-heading = Delete your account
# $days (Number) - for how many days it can be taken back
leave-text =
    { $days ->
        [one] You are signed out everywhere at once, and applications can no longer use your account. For { $days } day you can sign in and keep it; then it is deleted for good, with your profile, your memberships and roles in companies, what you let applications do, and how you sign in.
       *[other] You are signed out everywhere at once, and applications can no longer use your account. For { $days } days you can sign in and keep it; then it is deleted for good, with your profile, your memberships and roles in companies, what you let applications do, and how you sign in.
    }
leave-username = Type your username to confirm
# $username (String) - what is to be typed
leave-username-hint = It is { $username }.
leave-submit = Delete my account
leave-wrong-name = That is not your username. Nothing was deleted.
leave-overtaken = Your account was changed just now, somewhere else. Nothing was deleted.
leave-kept = Your account stays. Applications ask you to sign in again.
leaving-title = Your account will be deleted
# $due (Element) - when
# $username (Element) - whose
leaving-text = On { $due } the account { $username } and all that belongs to it will be deleted for good. Until then no application can use it.
leaving-keep = Keep my account
leaving-sign-out = Sign out
# $due (Element) - until when
left-text = You are signed out everywhere. Until { $due } you can sign in and keep your account; then it is deleted for good.
left-sign-in = Sign in
