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
security-password-everywhere = Überall sonst werden Sie abgemeldet.
security-password-changed = Ihr Passwort ist geändert. Überall sonst wurden Sie abgemeldet.
security-password-other = Das ist nicht Ihr aktuelles Passwort.
security-password-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Hier wurde nichts geändert.
security-password-too-soon-mail = Sie haben Ihr Passwort vor weniger als { $minutes } Minuten geändert. Um schon jetzt ein anderes zu wählen, fordern Sie unter /reset einen Link per E-Mail an.
security-password-too-soon = Sie haben Ihr Passwort vor weniger als { $minutes } Minuten geändert. Versuchen Sie es später noch einmal.
security-password-unfit = Das neue Passwort ist nicht möglich: { $why }.

## Passkeys

passkeys-heading = Passkeys
passkeys-text = Mit einem Passkey melden Sie sich ohne Passwort an: Ihr Telefon, Computer oder Sicherheitsschlüssel bewahrt ihn auf und prüft mit Fingerabdruck, Gesicht oder PIN, ob Sie es sind.
passkeys-line-used = hinzugefügt am { $added }, zuletzt verwendet am { $used }
passkeys-line-unused = hinzugefügt am { $added }, noch nie verwendet
passkeys-remove-label = Den Passkey { $name } entfernen, hinzugefügt am { $added }
passkeys-remove = Entfernen
passkeys-add-failed = Es wurde kein Passkey hinzugefügt. Versuchen Sie es noch einmal.
passkeys-add-known = Auf dem Gerät, das Sie verwendet haben, gibt es schon einen Passkey für dieses Konto.
passkeys-name = Name des neuen Passkeys
passkeys-name-hint = Damit Sie ihn wiedererkennen, zum Beispiel: Mein Telefon, Blauer Schlüssel.
passkeys-add = Passkey hinzufügen
passkeys-no-script = Um einen Passkey hinzuzufügen, erlauben Sie dieser Seite, ihr Skript auszuführen.
passkeys-added = Der Passkey ist hinzugefügt.
passkeys-removed = Der Passkey ist entfernt. Entfernen Sie ihn auch von Ihrem Gerät.
passkeys-unchanged = Es wurde nichts geändert: { $why }.
passkeys-not-added = Es wurde kein Passkey hinzugefügt: { $why }. Versuchen Sie es noch einmal.
passkey-known = diesen Passkey haben Sie schon
passkey-name-unfit = der Name muss sichtbar sein, in einer Zeile stehen und darf höchstens { $most } Zeichen haben
passkey-overtaken = das Konto wurde inzwischen geändert
passkey-too-late = die Seite war zu lange offen oder wurde schon einmal abgeschickt
passkey-too-many = Ihr Konto hat schon so viele Passkeys, wie es haben kann
passkey-unproven = der Browser hat keinen Passkey erzeugt

## Second factor

factor-heading = Zweiter Faktor
factor-authenticator = Wenn Sie sich anmelden, wird ein Code Ihres Authenticators verlangt.
factor-authenticator-or-passkey = Wenn Sie sich mit dem Passwort anmelden, wird zusätzlich ein Code Ihres Authenticators oder einer Ihrer Passkeys verlangt.
factor-passkey = Wenn Sie sich mit dem Passwort anmelden, wird zusätzlich einer Ihrer Passkeys oder ein Wiederherstellungscode verlangt.
factor-none = Wenn Sie sich anmelden, wird nur Ihr Passwort verlangt.
factor-codes-left =
    { $count ->
        [one] Noch { $count } Wiederherstellungscode übrig.
       *[other] Noch { $count } Wiederherstellungscodes übrig.
    }
factor-code-authenticator = Ein Code des Authenticators oder ein Wiederherstellungscode
factor-code-recovery = Ein Wiederherstellungscode
factor-new-codes = Neue Wiederherstellungscodes erstellen
factor-remove-authenticator = Authenticator entfernen
factor-remove = Zweiten Faktor entfernen
factor-add = Authenticator hinzufügen
factor-removed = Der zweite Faktor ist entfernt.
factor-wrong-code = Dieser Code ist jetzt nicht gültig. Wenn er von Ihrem Authenticator stammt, warten Sie auf den nächsten und prüfen Sie die Uhr des Geräts.

## Another authenticator

totp-title = Authenticator hinzufügen
totp-scan = Scannen Sie dieses Bild mit einer Authenticator-App, oder { $link }.
totp-scan-link = öffnen Sie es auf diesem Gerät
totp-picture = Der Schlüssel als Bild zum Scannen
totp-type = Oder geben Sie diesen Schlüssel ein: { $key }
totp-code = Der Code, den die App anzeigt
totp-confirm = Bestätigen
totp-leave = Nicht hinzufügen
codes-title = Wiederherstellungscodes
codes-heading = Ihre Codes zur Wiederherstellung
codes-text = Bewahren Sie sie dort auf, wo Sie sie auch ohne dieses Gerät finden. Jeder ersetzt einmal Ihren zweiten Faktor. Sie werden nicht noch einmal angezeigt.
codes-kept = Ich habe sie gesichert
