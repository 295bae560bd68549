### Das Konto: Navigation, Mein Profil, Sitzungen, Anwendungen.

account-label = Konto
account-to-content = Zum Inhalt
account-profile = Profil
account-security = Sicherheit
account-sessions = Sitzungen
account-apps = Anwendungen
account-developer = Entwicklereinstellungen
account-data = Ihre Daten
account-sign-out = Abmelden

## My Profile

profile-title = Mein Profil
profile-saved = Ihr Profil ist gespeichert.
profile-acting-for = Sie handeln für
profile-about-you = Zu Ihrer Person
profile-save = Speichern
profile-hint = Sie können alles davon leer lassen. Eine Anwendung erfährt davon nur, wenn Sie ihr erlauben, Ihr Profil oder Ihre Telefonnummer zu sehen.
profile-name = Name
profile-given-name = Vorname
profile-family-name = Nachname
profile-nickname = Spitzname
profile-phone-number = Telefonnummer
profile-website = Website
profile-language = Sprache
profile-language-browser = Wie im Browser eingestellt
profile-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Prüfen Sie Ihre Eingaben und speichern Sie sie noch einmal.
profile-unfit = „{ $field }“ kann nicht gespeichert werden: { $problem }.
profile-telephone-form = schreiben Sie sie wie +49 30 123456
profile-website-form = sie muss mit https:// oder http:// beginnen
profile-too-long = möglich sind höchstens { $most } Zeichen in einer Zeile
profile-misleading = das Zeichen { $character } ist nicht zu sehen oder sieht aus wie ein anderes
profile-too-much = zusammen mit Ihren übrigen Angaben ist es zu lang

## Sessions

sessions-title = Sitzungen
sessions-heading = Wo Sie angemeldet sind
sessions-this-browser = dieser Browser
sessions-unknown-device = Unbekanntes Gerät
sessions-unknown-address = unbekannte IP-Adresse
browser-on = { $browser } unter { $system }
sessions-line = { $address }, zuletzt aktiv am { $last }, angemeldet seit dem { $since }
sessions-end-label = { $device } abmelden, { $address }, zuletzt aktiv am { $last }
sessions-end = Abmelden
sessions-end-all = Überall abmelden

## Applications

apps-title = Anwendungen
apps-heading = Was Sie Anwendungen erlauben
apps-none = Sie haben keiner Anwendung erlaubt, für Sie zu handeln.
apps-verified = geprüft
apps-unverified = nicht geprüft
apps-for = Für { $company }:
apps-for-all = Für alle Unternehmen von { $corporation }:
apps-in = In { $api }:
apps-about-you = Zu Ihrer Person:
apps-since = Seit dem { $since }
apps-take-back = Widerrufen
apps-take-back-label = Widerrufen, was { $app } darf
apps-take-back-scope-label = Widerrufen für { $app }: { $scope }
apps-hint = Was Sie widerrufen, endet sofort, auch das, was die Anwendung schon hat. Wenn Sie eine einzelne Berechtigung widerrufen, muss die Anwendung für die übrigen wiederkommen und darf Sie erneut um die widerrufene bitten.
profile-language-form = das ist keine Sprache
language-itself = Deutsch
