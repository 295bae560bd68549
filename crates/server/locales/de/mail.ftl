### E-Mails: jeweils Betreff, Anfang, was anzuklicken ist, und Schluss.

mail-copy-address = Oder kopieren Sie diese Adresse in Ihren Browser:
mail-at = am { $at }
mail-at-from = am { $at }, von { $address } aus
mail-at-with = am { $at }, mit { $browser }
mail-at-from-with = am { $at }, von { $address } aus, mit { $browser }
mail-link-once = Der Link funktioniert einmal, bis { $at }.
mail-link-until = Der Link funktioniert bis { $at }.
mail-not-you = Wenn Sie das nicht waren, wählen Sie sofort ein anderes Passwort unter { $reset } und sagen Sie es dem Betreiber von { $host }.

## Passwords and accounts

mail-reset-subject = Wählen Sie ein neues Passwort
mail-reset-opening = Jemand, vermutlich Sie, hat ein neues Passwort für { $to } bei { $host } angefordert: { $whence }.
mail-reset-link = Neues Passwort wählen
mail-reset-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.
mail-invitation-subject = Wählen Sie Ihr Passwort
mail-invitation-opening = Bei { $host } wurde ein Konto für { $to } für Sie angelegt. Wählen Sie ein Passwort, um es zu benutzen.
mail-choose-password = Passwort wählen
mail-invitation-ignore = Wenn Sie das nicht erwartet haben, ignorieren Sie es: Ohne den Link geschieht nichts.
mail-sign-up-subject = Legen Sie Ihr Konto an
mail-sign-up-opening = Jemand, vermutlich Sie, möchte ein Konto für { $to } bei { $host }: { $whence }.
mail-sign-up-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ohne den Link gibt es kein Konto.
mail-verification-subject = Bestätigen Sie Ihre E-Mail-Adresse
mail-verification-opening = Bitte bestätigen Sie, dass { $to } Ihre Adresse bei { $host } ist.
mail-verification-link = Adresse bestätigen
mail-verification-ignore = Wenn Sie kein Konto bei { $host } haben, ignorieren Sie diese E-Mail: Es geschieht nichts.
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-opening = Das Passwort für { $to } bei { $host } wurde { $whence } geändert.
mail-password-changed-closing = Sie wurden überall abgemeldet; melden Sie sich mit dem neuen Passwort an.

## Factors

mail-codes-guessed-subject = Jemand scheint Ihr Passwort zu kennen
mail-codes-guessed-opening = Jemand, der am Passwort für { $to } bei { $host } vorbeigekommen ist, hat zehn falsche Codes des Authenticators eingegeben: den letzten { $whence }.
mail-codes-guessed-you = Wenn Sie das waren, warten Sie auf den nächsten Code oder verwenden Sie einen Wiederherstellungscode.
mail-passkey-added-subject = Ein Passkey wurde hinzugefügt
mail-passkey-added-opening = Für { $to } bei { $host } wurde { $whence } ein Passkey hinzugefügt.
mail-passkey-added-closing = Wer ihn hat, kann sich ohne Ihr Passwort anmelden.
mail-passkey-three-days = Innerhalb von drei Tagen entfernt das auch den Passkey.
mail-passkey-removed-subject = Ein Passkey wurde entfernt
mail-passkey-removed-opening = Ein Passkey von { $to } bei { $host } wurde { $whence } entfernt.
mail-passkey-removed-closing = Mit ihm kann sich niemand mehr anmelden.
mail-recovery-code-used-subject = Ein Wiederherstellungscode wurde verwendet
mail-recovery-code-used-opening = Ein Wiederherstellungscode von { $to } bei { $host } wurde { $whence } verwendet.
mail-recovery-code-used-closing = Ein zweites Mal funktioniert er nicht.
mail-recovery-codes-made-subject = Sie haben neue Wiederherstellungscodes
mail-recovery-codes-made-opening = Für { $to } bei { $host } wurden { $whence } neue Wiederherstellungscodes erstellt.
mail-recovery-codes-made-closing = Die bisherigen funktionieren nicht mehr.
mail-factor-added-subject = Ein zweiter Faktor wurde hinzugefügt
mail-factor-added-opening = Für { $to } bei { $host } wurde { $whence } ein Authenticator hinzugefügt.
mail-factor-added-closing = Sein Code wird verlangt, wenn Sie sich anmelden.
mail-factor-three-days = Innerhalb von drei Tagen entfernt das auch den Authenticator.
mail-factor-removed-subject = Der zweite Faktor wurde entfernt
mail-factor-removed-opening = Der Authenticator von { $to } bei { $host } wurde { $whence } entfernt.
mail-factor-removed-closing = Seine Codes werden nicht mehr verlangt.

## Löschen

mail-account-deleted-subject = Ihr Konto wurde gelöscht
mail-account-deleted-opening = Das Konto für { $to } bei { $host } wurde { $whence } gelöscht, wie es verlangt worden war.
mail-account-deleted-closing = Nichts davon lässt sich zurückholen. Das ist die letzte E-Mail dazu.
mail-deletion-requested-subject = Ihr Konto wird gelöscht
mail-deletion-requested-opening = Jemand, vermutlich Sie, will das Konto für { $to } bei { $host } löschen: { $whence }.
mail-deletion-until = Bis zum { $at } können Sie sich unter { $page } anmelden und es behalten; dann wird es endgültig gelöscht.
mail-deletion-taken-back-subject = Ihr Konto bleibt bestehen
mail-deletion-taken-back-opening = Das Konto für { $to } bei { $host }, das gelöscht werden sollte, wurde { $whence } doch behalten.
mail-deletion-taken-back-closing = In Anwendungen müssen Sie sich neu anmelden.
