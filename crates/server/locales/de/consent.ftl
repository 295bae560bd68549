### Was eine Anwendung darf: /consent, die Wahl des Unternehmens und der Rückweg zur Anwendung.

company-title = Für welches Unternehmen?
company-text = Wählen Sie das, in dem { $app } für Sie handeln soll.
company-cancel = Abbrechen
consent-signed-in-as = Sie sind als { $username } angemeldet.
consent-signed-in-for-company = Sie sind als { $username } angemeldet, für { $company }.
consent-signed-in-for-all = Sie sind als { $username } angemeldet, für alle Unternehmen von { $corporation }.
consent-title = Zugriff für { $app } erlauben?
consent-verified = Geprüft: eine unserer eigenen Anwendungen.
consent-unverified = Nicht geprüft: eine Anwendung von einem anderen Unternehmen.
consent-on-to = Danach geht es weiter zu { $host }.
consent-on-to-this-computer = Danach geht es weiter zu einer Anwendung auf diesem Computer.
consent-another-account = Anderes Konto verwenden
consent-can = Die Anwendung darf
consent-in = In { $api }
consent-about-you = Zu Ihrer Person
consent-cannot = Die Anwendung darf nicht
consent-deny = Ablehnen
consent-allow = Erlauben
consent-take-back = Sie können das jederzeit widerrufen: in Ihrem Konto unter „Anwendungen“.

## Scopes of OpenID Connect, and what no application gets

scope-address = Ihre Postanschrift sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-offline-access = Diesen Zugriff behalten, auch während Sie abwesend sind
scope-openid = Wissen, wer Sie hier sind
scope-phone = Ihre Telefonnummer sehen
scope-profile = Ihren Namen und Ihr Profil sehen
cannot-see-password = Ihr Passwort sehen oder ändern
cannot-change-account = Ihr Konto ändern

## The way back

back-title = Zurück zur Anwendung
back-text = Wenn von selbst nichts geschieht:
