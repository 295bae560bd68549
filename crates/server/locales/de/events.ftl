### Was mit einem Konto geschah, wie es seinem Inhaber gesagt wird, und die Kopie der gespeicherten Daten.

events-heading = Letzte Ereignisse
events-none = In den letzten 90 Tagen ist nichts geschehen.
events-text = Was in den letzten 90 Tagen mit Ihrem Konto geschah, das Neueste zuerst. Wenn etwas davon nicht von Ihnen stammt, ändern Sie Ihr Passwort und informieren Sie den Betreiber dieses Servers.
event-by-administrator = { $what } (durch die Verwaltung)
event-times = { $what }, { $count }-mal hintereinander
event-app-gone = eine Anwendung, die es nicht mehr gibt
event-company-gone = ein Unternehmen, das es nicht mehr gibt
event-account-made = Das Konto wurde angelegt
event-address-called-off = Die Änderung der Adresse wurde abgebrochen
event-address-changed = Die E-Mail-Adresse wurde geändert
event-address-restored = Die Änderung der Adresse wurde zurückgenommen
event-address-wish-confirmed = Einer Änderung der Adresse wurde per E-Mail zugestimmt
event-address-wished = Eine andere E-Mail-Adresse wurde angefordert
event-address-confirmed = Die E-Mail-Adresse wurde bestätigt
event-app-allowed = Zugriff erlaubt: { $app }
event-app-denied = Zugriff abgelehnt: { $app }
event-app-narrowed = Eine Berechtigung widerrufen: { $app }
event-app-taken-back = Zugriff widerrufen: { $app }
event-barred = Das Konto wurde gesperrt
event-deletion-requested = Die Löschung des Kontos wurde angefordert
event-deletion-taken-back = Das Konto wurde doch behalten
event-exported = Eine Kopie der gespeicherten Daten wurde heruntergeladen
event-invitation-accepted = Ein erstes Passwort wurde gewählt
event-invited = Ein Link zur Wahl des ersten Passworts wurde gesendet
event-membership-added = Das Konto wurde einem Unternehmen hinzugefügt: { $company }
event-membership-removed = Das Konto wurde aus einem Unternehmen entfernt: { $company }
event-membership-updated = Die Rollen in einem Unternehmen wurden geändert: { $company }
event-passkey-added = Ein Passkey wurde hinzugefügt
event-passkey-removed = Ein Passkey wurde entfernt
event-password-changed = Das Passwort wurde geändert
event-password-reset = Über einen Link in einer E-Mail wurde ein neues Passwort gewählt
event-password-reset-requested = Ein Link zur Wahl eines neuen Passworts wurde angefordert
event-profile-changed = Das Profil wurde geändert
event-reauthenticated = Die Anmeldung wurde bestätigt
event-recovery-code-used = Ein Wiederherstellungscode wurde verwendet
event-recovery-codes-made = Neue Wiederherstellungscodes wurden erstellt
event-second-factor-added = Ein Authenticator wurde hinzugefügt
event-second-factor-removed = Der zweite Faktor wurde entfernt
event-second-factor-wrong = Das Passwort war richtig, der zweite Faktor falsch
event-sign-in-failed = Eine Anmeldung ist fehlgeschlagen
event-signed-in = Jemand hat sich angemeldet
event-signed-out = Ein Browser wurde abgemeldet
event-signed-out-everywhere = Alle Browser wurden abgemeldet
event-unbarred = Das Konto wurde wieder freigegeben
event-verification-sent = Ein Link zur Bestätigung der E-Mail-Adresse wurde gesendet

## The copy

data-title = Ihre Daten
data-confirm = Um hier etwas zu tun, { $link }.
data-copy-heading = Eine Kopie Ihrer Daten
data-copy-text = Eine Datei mit dem, was hier über Sie gespeichert ist: Ihr Profil, Unternehmen und Rollen, was Sie Anwendungen erlauben, wo Sie angemeldet sind, wie Sie sich anmelden und was mit Ihrem Konto geschah. Weder Ihr Passwort noch ein Schlüssel ist darin.
data-download = Ihre Daten herunterladen
data-too-often = Sie haben Ihre Daten sechsmal innerhalb einer Stunde heruntergeladen.
