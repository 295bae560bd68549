### An- und Abmelden: /login, /login/code, /logout.

login-title = Anmelden
login-heading = Anmelden
login-again = Bestätigen Sie, dass Sie es sind
login-to-continue = um mit { $app } fortzufahren
username = Benutzername
password = Passwort
login-submit = Anmelden
login-confirm = Bestätigen
login-with-passkey = Mit einem Passkey anmelden
login-confirm-with-passkey = Mit einem Passkey bestätigen
login-passkey-failed = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder verwenden Sie Ihr Passwort.
login-forgotten = Passwort vergessen?
login-no-account = Noch kein Konto?
login-make-account = Konto anlegen
login-wrong = Benutzername oder Passwort ist falsch.
passkey-wrong = Dieser Passkey konnte nicht geprüft werden oder ist hier nicht mehr bekannt. Versuchen Sie es noch einmal, oder machen Sie ohne ihn weiter.

## The second factor

code-title = Zweiter Faktor
code-heading = Geben Sie Ihren Code ein
code-heading-other = Verwenden Sie Ihren zweiten Faktor
code-use-passkey = Passkey verwenden
code-passkey-failed = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder geben Sie einen Code ein.
code-label = Code
code-label-recovery = Wiederherstellungscode
code-hint = Die sechs Ziffern, die Ihr Authenticator anzeigt, oder einer Ihrer Wiederherstellungscodes.
code-hint-recovery = Einer der Codes, die Ihnen einmal angezeigt wurden, damit Sie sie für diesen Fall aufbewahren.
go-on = Weiter
code-somebody-else = Mit einem anderen Konto anmelden
code-wrong = Dieser Code ist jetzt nicht gültig. Warten Sie auf den nächsten Ihres Authenticators, oder verwenden Sie einen Wiederherstellungscode, der noch nicht verwendet wurde.

## Signing out

logout-title = Abmelden
logout-heading = Abmelden?
logout-asked = { $app } bittet Sie, sich abzumelden.
logout-asked-and-back = { $app } bittet Sie, sich abzumelden; danach kehren Sie dorthin zurück.
logout-signed-in-as = Sie sind als { $username } angemeldet.
logout-submit = Abmelden
logout-stay = Angemeldet bleiben
logout-done = Sie sind abgemeldet
logout-back-to = Zurück zu { $app }
logout-sign-in = Anmelden
