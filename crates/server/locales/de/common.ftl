### Was jede Seite hat, Zeitpunkte und Wartezeiten. Nur Text, kein Markup.
### Glossar: Anwendung (application), Unternehmen (company), Konzern (corporation), Passkey, Passwort, Benutzername, E-Mail-Adresse,
### zweiter Faktor, Authenticator (authenticator), Wiederherstellungscode (recovery code), Sitzung (session), anmelden, abmelden, Konto,
### Link, Berechtigung (scope), widerrufen (take back), festlegen (set a password). Anrede: Sie.

instant =
    { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }, { $time } Uhr UTC
within-seconds =
    { $count ->
        [1] in einer Sekunde
       *[other] in { $count } Sekunden
    }
within-minutes =
    { $count ->
        [1] in einer Minute
       *[other] in { $count } Minuten
    }
within-hours =
    { $count ->
        [one] in { $count } Stunde
       *[other] in { $count } Stunden
    }
within-days =
    { $count ->
        [one] in { $count } Tag
       *[other] in { $count } Tagen
    }
minutes-ago =
    { $count ->
        [one] vor { $count } Minute
       *[other] vor { $count } Minuten
    }
hours-ago =
    { $count ->
        [one] vor { $count } Stunde
       *[other] vor { $count } Stunden
    }
days-ago =
    { $count ->
        [one] vor { $count } Tag
       *[other] vor { $count } Tagen
    }
try-again = { $why } Versuchen Sie es { $within } noch einmal.
too-many-attempts = Zu viele Versuche sind fehlgeschlagen.
busy = Der Server ist gerade ausgelastet. Versuchen Sie es gleich noch einmal.
changed-just-now = Ihr Konto wurde gerade geändert. Melden Sie sich noch einmal an.
page-too-old = Diese Seite war zu lange offen, wurde schon einmal abgeschickt, oder Ihr Browser speichert keine Cookies. Melden Sie sich noch einmal an.
took-too-long = Das hat zu lange gedauert. Melden Sie sich noch einmal an.
codes-locked = Es wurden zu viele falsche Codes eingegeben. Verwenden Sie einen Wiederherstellungscode, oder wählen Sie ein anderes Passwort und melden Sie sich dann neu an.
