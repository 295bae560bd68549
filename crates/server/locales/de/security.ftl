### /account/security: Passwort, Passkeys, zweiter Faktor, Wiederherstellungscodes.

security-title = Sicherheit
security-heading = Passwort und zweiter Faktor
security-confirm = Um hier etwas zu ändern, { $link }.
security-confirm-link = bestätigen Sie, dass Sie es sind

## Password

security-password = Passwort
security-current-password = Aktuelles Passwort
security-new-password = Neues Passwort
security-password-hint = Mindestens { $least } Zeichen. Am besten sind ein paar Wörter, die nichts miteinander zu tun haben.
security-change-password = Passwort ändern
security-password-everywhere = Sie werden überall sonst abgemeldet.
security-password-changed = Ihr Passwort ist geändert. Überall sonst wurden Sie abgemeldet.
security-password-other = Ihr aktuelles Passwort lautet anders.
security-password-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Hier wurde nichts geändert.
security-password-too-soon-mail = Sie haben Ihr Passwort vor weniger als { $minutes } Minuten geändert. Um schon jetzt ein anderes zu wählen, fordern Sie unter /reset einen Link per E-Mail an.
security-password-too-soon = Sie haben Ihr Passwort vor weniger als { $minutes } Minuten geändert. Versuchen Sie es später noch einmal.
security-password-unfit = Das neue Passwort geht nicht: { $why }.

## Passkeys

passkeys-heading = Passkeys
passkeys-text = Ein Passkey meldet Sie ohne Ihr Passwort an: Ihr Telefon, Computer oder Sicherheitsschlüssel zeigt, dass er da ist, und Sie zeigen ihm, dass er Ihnen gehört.
passkeys-line-used = hinzugefügt am { $added }, zuletzt benutzt am { $used }
passkeys-line-unused = hinzugefügt am { $added }, noch nie benutzt
passkeys-remove-label = Den Passkey { $name } entfernen, hinzugefügt am { $added }
passkeys-remove = Entfernen
passkeys-add-failed = Es wurde kein Passkey hinzugefügt. Versuchen Sie es noch einmal.
passkeys-add-known = In dem, was Sie verwendet haben, gibt es schon einen Passkey für dieses Konto.
passkeys-name = Name eines neuen Passkeys
passkeys-name-hint = Damit Sie ihn wiedererkennen: Mein Telefon, Blauer Schlüssel.
passkeys-add = Passkey hinzufügen
passkeys-no-script = Um einen Passkey hinzuzufügen, erlauben Sie dieser Seite, ihr Skript auszuführen.
passkeys-added = Der Passkey ist hinzugefügt.
passkeys-removed = Der Passkey ist entfernt. Entfernen Sie ihn auch von Ihrem Gerät.
passkeys-unchanged = Es wurde nichts geändert: { $why }.
passkeys-not-added = Es wurde kein Passkey hinzugefügt: { $why }. Versuchen Sie es noch einmal.
passkey-known = diesen Passkey gibt es schon
passkey-name-unfit = ein Passkey heißt nach etwas Sichtbarem, in einer Zeile, mit höchstens { $most } Zeichen
passkey-overtaken = das Konto wurde inzwischen geändert
passkey-too-late = das liegt zu lange zurück oder wurde schon beantwortet
passkey-too-many = es gibt schon so viele Passkeys, wie es geben darf
passkey-unproven = der Browser hat keinen Passkey erzeugt

## Second factor

factor-heading = Zweiter Faktor
factor-authenticator = Wenn Sie sich anmelden, wird der Code eines Authenticators verlangt.
factor-authenticator-or-passkey = Wenn Sie sich mit dem Passwort anmelden, wird der Code eines Authenticators oder einer Ihrer Passkeys verlangt.
factor-passkey = Wenn Sie sich mit dem Passwort anmelden, wird zusätzlich einer Ihrer Passkeys oder ein Wiederherstellungscode verlangt.
factor-none = Wenn Sie sich anmelden, wird nur Ihr Passwort verlangt.
factor-codes-left =
    { $count ->
        [one] Noch { $count } Wiederherstellungscode übrig.
       *[other] Noch { $count } Wiederherstellungscodes übrig.
    }
factor-code-authenticator = Ein Code des Authenticators oder ein Wiederherstellungscode
factor-code-recovery = Ein Wiederherstellungscode
factor-new-codes = Neue Wiederherstellungscodes
factor-remove-authenticator = Authenticator entfernen
factor-remove = Zweiten Faktor entfernen
factor-add = Authenticator hinzufügen
factor-removed = Der zweite Faktor ist entfernt.
factor-wrong-code = Das ist nicht der Code, der jetzt gilt. Warten Sie auf den nächsten; geht die Uhr des Geräts richtig?

## Another authenticator

totp-title = Authenticator hinzufügen
totp-scan = Scannen Sie das mit einer Authenticator-App, oder { $link }.
totp-scan-link = öffnen Sie es auf diesem Gerät
totp-picture = Der Schlüssel als Bild zum Scannen
totp-type = Oder tippen Sie diesen Schlüssel ein: { $key }
totp-code = Der Code, den die App anzeigt
totp-confirm = Bestätigen
totp-leave = Alles lassen, wie es ist
codes-title = Wiederherstellungscodes
codes-heading = Ihre Wiederherstellungscodes
codes-text = Bewahren Sie sie dort auf, wo Sie sie ohne dieses Gerät finden. Jeder ersetzt Ihren zweiten Faktor einmal. Sie werden nicht noch einmal gezeigt.
codes-kept = Ich habe sie aufbewahrt
