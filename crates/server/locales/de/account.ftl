### Das Konto: Navigation, Mein Profil, Sitzungen, Anwendungen.

account-label = Konto
account-to-content = Zum Inhalt
account-profile = Profil
account-security = Sicherheit
account-sessions = Sitzungen
account-apps = Anwendungen
account-data = Ihre Daten
account-sign-out = Abmelden

## My Profile

profile-title = Mein Profil
profile-saved = Ihr Profil ist gespeichert.
profile-acting-for = Handelt für
profile-about-you = Über Sie
profile-save = Speichern
profile-hint = Alles davon darf leer bleiben. Eine Anwendung erfährt davon nur, wenn Sie ihr erlauben, Ihr Profil oder Ihre Telefonnummer zu lesen.
profile-name = Name
profile-given-name = Vorname
profile-family-name = Nachname
profile-nickname = Spitzname
profile-phone-number = Telefonnummer
profile-website = Website
profile-language = Sprache
profile-language-browser = Wie im Browser eingestellt
profile-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Sehen Sie sich an, was Sie geschrieben haben, und speichern Sie es noch einmal.
profile-unfit = { $field } geht so nicht: { $problem }.
profile-telephone-form = schreiben Sie sie wie +49 30 123456
profile-website-form = sie muss mit https:// oder http:// beginnen
profile-too-long = es dürfen höchstens { $most } Zeichen in einer Zeile sein
profile-misleading = { $character } darin ist von anderem nicht zu unterscheiden
profile-too-much = zusammen ist es mehr, als hineinpasst

## Sessions

sessions-title = Sitzungen
sessions-heading = Wo Sie angemeldet sind
sessions-this-browser = dieser Browser
sessions-unknown-device = Unbekanntes Gerät
sessions-unknown-address = unbekannte Adresse
browser-on = { $browser } unter { $system }
sessions-line = { $address }, zuletzt benutzt am { $last }, seit { $since }
sessions-end-label = { $device } abmelden, { $address }, zuletzt benutzt am { $last }
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
apps-about-you = Über Sie:
apps-since = Seit { $since }
apps-take-back = Zurücknehmen
apps-take-back-label = Von { $app } zurücknehmen
apps-take-back-scope-label = Von { $app } zurücknehmen: { $scope }
apps-hint = Was Sie zurücknehmen, endet sofort, auch das, was die Anwendung schon hat. Wenn Sie eines zurücknehmen, muss die Anwendung für den Rest wiederkommen und darf Sie erneut um das Zurückgenommene bitten.
profile-language-form = das ist keine Sprache
language-itself = Deutsch
