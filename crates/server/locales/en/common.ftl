### What every page has, instants and waits. Plain text alone: no markup, no character entities; a value that is to be seen as such
### (a name, an address) is an (Element), which the template wraps. Times are UTC and say so.

# $day (Number) - of the month
# $month (Number) - from 1 to 12
# $year (String) - four digits
# $time (String) - hours and minutes
instant =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year } at { $time } UTC

# $count (Number) - seconds
within-seconds =
    { $count ->
        [1] in a second
       *[other] in { $count } seconds
    }

# $count (Number) - minutes
within-minutes =
    { $count ->
        [1] in a minute
       *[other] in { $count } minutes
    }

# $count (Number) - hours
within-hours =
    { $count ->
        [one] in { $count } hour
       *[other] in { $count } hours
    }

# $count (Number) - days
within-days =
    { $count ->
        [one] in { $count } day
       *[other] in { $count } days
    }

# $count (Number) - minutes
minutes-ago =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }

# $count (Number) - hours
hours-ago =
    { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }

# $count (Number) - days
days-ago =
    { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }

# $why (String) - a whole sentence
# $within (String) - when, from within-seconds or within-minutes
try-again = { $why } Try again { $within }.
too-many-attempts = Too many attempts have failed.
busy = The server is busy. Try again in a moment.
changed-just-now = Your account was changed just now. Sign in again.
page-too-old = This page was open for too long, was sent before, or your browser keeps no cookies. Sign in again.
took-too-long = That took too long. Sign in again.
codes-locked = Too many wrong codes were entered. Use a recovery code, or choose another password and sign in again.
