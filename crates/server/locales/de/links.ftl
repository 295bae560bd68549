### Links, die per E-Mail kommen, und die Bitte darum: /reset, /signup, /verify.

link-email = E-Mail-Adresse
link-send = Link senden
link-back = Zurück zur Anmeldung
link-ask-again = Noch einmal anfordern
link-ask = Link anfordern
link-sign-in = Anmelden
link-look-into-mail = Sehen Sie in Ihr Postfach
link-too-many = Es wurden zu viele Links angefordert.
link-other-title = Diese Seite gehörte zu einem anderen Link
link-other-text = In diesem Browser wurde inzwischen ein anderer Link geöffnet. Öffnen Sie den aus Ihrer E-Mail noch einmal.
link-dead-title = Dieser Link funktioniert nicht mehr
link-dead-text = Jeder Link funktioniert einmal, für kurze Zeit, und nicht mehr, nachdem das Passwort geändert wurde.

## A forgotten password

reset-title = Passwort vergessen
reset-heading = Neues Passwort wählen
reset-text = Wir senden an Ihre E-Mail-Adresse einen Link, über den Sie ein neues wählen können.
reset-no-address = Geben Sie die E-Mail-Adresse ein, mit der Sie sich anmelden.
reset-no-mail-title = Von hier aus wird keine E-Mail gesendet
reset-no-mail-text = Bitten Sie den Betreiber dieses Servers um ein neues Passwort.
reset-sent = Wenn es für diese Adresse ein Konto gibt, ist eine E-Mail mit einem Link unterwegs. Der Link funktioniert { $minutes } Minuten lang.
reset-done-title = Ihr Passwort ist gesetzt
reset-done-text = Melden Sie sich damit an, in der Anwendung, falls Sie aus einer gekommen sind. Überall, wo Sie vorher angemeldet waren, sind Sie abgemeldet.
choose-title = Passwort wählen
choose-first = Wählen Sie Ihr Passwort
choose-another = Wählen Sie ein neues Passwort
choose-new = Neues Passwort
choose-rule = Mindestens { $least } Zeichen; Leerzeichen zählen mit. Gut sind vier oder mehr Wörter, die nichts miteinander zu tun haben.
choose-submit = Passwort setzen
choose-everywhere = Sie werden überall abgemeldet.
choose-unfit = Dieses Passwort geht nicht: { $why }.
password-guessable = es gehört zu denen, die zuerst erraten werden; besser sind vier oder mehr Wörter, die nichts miteinander zu tun haben
password-too-long = es darf höchstens { $characters } Zeichen und { $bytes } Byte lang sein
password-too-short = es muss mindestens { $least } Zeichen lang sein; Leerzeichen zählen mit
password-unchanged = es ist das, das Sie schon haben

## An account of one's own

sign-up-title = Konto anlegen
sign-up-text = Wir senden an Ihre E-Mail-Adresse einen Link, über den Sie ein Passwort wählen.
sign-up-back = Anmelden, wenn Sie schon eines haben
sign-up-no-address = Geben Sie Ihre E-Mail-Adresse ein.
sign-up-none-title = Konten werden hier nicht angelegt
sign-up-none-text = Bitten Sie den Betreiber dieses Servers um eines.
sign-up-sent = Eine E-Mail mit einem Link ist an diese Adresse unterwegs. Der Link funktioniert { $minutes } Minuten lang.

## Proving an address

verify-title = Bestätigen Sie Ihre Adresse
verify-question = Ist { $username } Ihre E-Mail-Adresse?
verify-submit = Ja, das ist meine
verify-done-title = Ihre Adresse ist bestätigt
verify-done-text = Sie können diese Seite schließen.
