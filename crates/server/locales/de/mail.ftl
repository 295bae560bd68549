### E-Mails: jeweils Betreff, Anfang, was anzuklicken ist, und Schluss.

mail-copy-address = Oder kopieren Sie diese Adresse in Ihren Browser:
mail-at = am { $at }
mail-at-from = am { $at }, von { $address } aus
mail-at-with = am { $at }, mit { $browser }
mail-at-from-with = am { $at }, von { $address } aus, mit { $browser }
mail-link-once = Der Link funktioniert einmal, bis zum { $at }.
mail-link-until = Der Link funktioniert bis zum { $at }.
mail-not-you = Wenn Sie das nicht waren, wählen Sie sofort ein anderes Passwort unter { $reset } und informieren Sie den Betreiber von { $host }.

## Passwords and accounts

mail-reset-subject = Wählen Sie ein neues Passwort
mail-reset-opening = Jemand, vermutlich Sie, hat ein neues Passwort für { $to } bei { $host } angefordert: { $whence }.
mail-reset-link = Neues Passwort wählen
mail-reset-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.
mail-invitation-subject = Wählen Sie Ihr Passwort
mail-invitation-opening = Bei { $host } wurde für Sie ein Konto für { $to } angelegt. Um es zu nutzen, wählen Sie ein Passwort.
mail-choose-password = Passwort wählen
mail-invitation-ignore = Wenn Sie das nicht erwartet haben, ignorieren Sie diese E-Mail: Solange Sie den Link nicht verwenden, geschieht nichts.
mail-sign-up-subject = Legen Sie Ihr Konto an
mail-sign-up-opening = Jemand, vermutlich Sie, möchte ein Konto für { $to } bei { $host }: { $whence }.
mail-sign-up-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Solange Sie den Link nicht verwenden, wird kein Konto angelegt.
mail-verification-subject = Bestätigen Sie Ihre E-Mail-Adresse
mail-verification-opening = Bitte bestätigen Sie, dass { $to } Ihre Adresse bei { $host } ist.
mail-verification-link = Adresse bestätigen
mail-verification-ignore = Wenn Sie kein Konto bei { $host } haben, ignorieren Sie diese E-Mail: Dann geschieht nichts.
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-opening = Das Passwort für { $to } bei { $host } wurde { $whence } geändert.
mail-password-changed-closing = Alle anderen Browser wurden abgemeldet; melden Sie sich dort mit dem neuen Passwort an.
mail-staying-authenticator = Ein Authenticator wird weiterhin verlangt: Sehen Sie ihn sich unter { $page } an und entfernen Sie, was nicht Ihres ist.
mail-staying-passkeys =
    { $passkeys ->
        [one] Ein Passkey öffnet das Konto weiterhin: Sehen Sie ihn sich unter { $page } an und entfernen Sie, was nicht Ihres ist.
       *[other] { $passkeys } Passkeys öffnen das Konto weiterhin: Sehen Sie sie sich unter { $page } an und entfernen Sie, was nicht Ihres ist.
    }
mail-staying-both =
    { $passkeys ->
        [one] Ein Passkey öffnet das Konto weiterhin, und ein Authenticator wird weiterhin verlangt: Sehen Sie sich beide unter { $page } an und entfernen Sie, was nicht Ihres ist.
       *[other] { $passkeys } Passkeys öffnen das Konto weiterhin, und ein Authenticator wird weiterhin verlangt: Sehen Sie sich alle unter { $page } an und entfernen Sie, was nicht Ihres ist.
    }

## Factors

mail-codes-guessed-subject = Jemand scheint Ihr Passwort zu kennen
mail-codes-guessed-opening = Jemand hat das Passwort für { $to } bei { $host } richtig eingegeben und danach { $count } falsche Codes des Authenticators: den letzten { $whence }.
mail-codes-guessed-you = Wenn Sie das waren, warten Sie auf den nächsten Code oder verwenden Sie einen Wiederherstellungscode.
mail-passkey-added-subject = Ein Passkey wurde hinzugefügt
mail-passkey-added-opening = Für { $to } bei { $host } wurde { $whence } ein Passkey hinzugefügt.
mail-passkey-added-closing = Wer ihn hat, kann sich ohne Ihr Passwort anmelden.
mail-passkey-three-days = Wenn Sie dort innerhalb von drei Tagen ein neues Passwort wählen, wird auch der Passkey entfernt, sofern Sie davor keinen zweiten Faktor hatten.
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
mail-factor-added-closing = Sein Code wird beim Anmelden verlangt.
mail-factor-three-days = Wenn Sie dort innerhalb von drei Tagen ein neues Passwort wählen, wird auch der Authenticator entfernt, sofern Sie davor keinen zweiten Faktor hatten.
mail-factor-removed-subject = Der zweite Faktor wurde entfernt
mail-factor-removed-opening = Der Authenticator von { $to } bei { $host } wurde { $whence } entfernt.
mail-factor-removed-closing = Seine Codes werden nicht mehr verlangt.

## Löschen

mail-account-deleted-subject = Ihr Konto wurde gelöscht
mail-account-deleted-opening = Das Konto für { $to } bei { $host } wurde { $whence } gelöscht, wie angefordert.
mail-account-deleted-closing = Nichts davon lässt sich wiederherstellen. Dies ist die letzte E-Mail dazu.
mail-deletion-requested-subject = Ihr Konto wird gelöscht
mail-deletion-requested-opening = Jemand, vermutlich Sie, hat die Löschung des Kontos für { $to } bei { $host } angefordert: { $whence }.
mail-deletion-until = Bis zum { $at } können Sie sich unter { $page } anmelden und es behalten; dann wird es endgültig gelöscht.
mail-deletion-taken-back-subject = Ihr Konto bleibt bestehen
mail-deletion-taken-back-opening = Das Konto für { $to } bei { $host }, das gelöscht werden sollte, wurde { $whence } doch behalten.
mail-deletion-taken-back-closing = In Anwendungen müssen Sie sich neu anmelden.
mail-deletion-operator-opening = Der Betreiber von { $host } hat das Konto für { $to }, das gelöscht werden sollte, { $whence } behalten.
mail-former-leaving-subject = Ein Konto, das Ihre Adresse hatte, wird gelöscht
mail-former-leaving-opening = Jemand will das Konto bei { $host }, das bis vor Kurzem die Adresse { $to } hatte, löschen: { $whence }.
mail-former-leaving-not-you = Wenn Sie das nicht waren, öffnen Sie den Link in unserer E-Mail über die Änderung dieser Adresse: Bis { $at } gibt er dem Konto diese Adresse zurück, und das Konto wird nicht gelöscht.
mail-former-leaving-you = Wenn Sie es waren, ist nichts zu tun.

## Addresses

mail-address-link = Änderung ansehen
mail-address-now = Ab jetzt melden Sie sich mit der neuen Adresse an.
mail-by-operator-ask = Wenn Sie nicht wissen, warum, fragen Sie den Betreiber von { $host }.
mail-address-allow-subject = Andere E-Mail-Adresse erlauben?
mail-address-allow-opening = Jemand, vermutlich Sie, möchte, dass das Konto von { $to } bei { $host } die Adresse { $other } bekommt: { $whence }.
mail-address-allow-closing = Es ändert sich erst etwas, wenn beide Adressen zugestimmt haben.
mail-address-allow-not-you = Wenn Sie das nicht waren, erlauben Sie es nicht und wählen Sie sofort ein anderes Passwort unter { $reset }: Vielleicht kennt jemand Ihres.
mail-address-changed-subject = Ihre E-Mail-Adresse wurde geändert
mail-address-changed-opening = Das Konto von { $to } bei { $host } hat { $whence } eine andere E-Mail-Adresse bekommen.
mail-address-changed-link = Das war ich nicht
mail-address-changed-not-you = Wenn Sie das nicht waren, öffnen Sie bis zum { $at } den Link: Dort geben Sie dem Konto diese Adresse zurück, melden alle ab und wählen ein anderes Passwort.
mail-address-operator-opening = Der Betreiber von { $host } hat dem Konto von { $to } { $whence } eine andere E-Mail-Adresse gegeben.
mail-address-claim-subject = Bestätigen Sie Ihre neue E-Mail-Adresse
mail-address-claim-opening = Jemand, vermutlich Sie, möchte, dass ein Konto bei { $host } die Adresse { $to } bekommt: { $whence }.
mail-address-claim-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ohne Ihre Zustimmung ändert sich nichts.
mail-address-restored-subject = Eine Änderung der Adresse wurde zurückgenommen
mail-address-restored-opening = Das Konto bei { $host }, das die Adresse { $to } hatte, hat { $whence } seine frühere Adresse zurückbekommen.
mail-address-restored-closing = Jemand, der die E-Mails an die frühere Adresse liest, hat die Änderung zurückgenommen.
mail-address-restored-yours = Wenn es Ihr Konto ist, informieren Sie den Betreiber von { $host }.
mail-address-taken-subject = Zu dieser E-Mail-Adresse gibt es ein Konto
mail-address-taken-opening = Jemand wollte, dass ein anderes Konto bei { $host } die Adresse { $to } bekommt: { $whence }.
mail-address-taken-closing = Nichts wurde geändert: Diese Adresse gehört zu einem Konto oder gehörte bis vor wenigen Tagen dazu.
mail-address-taken-you = Wenn Sie das waren, melden Sie sich unter { $login } mit dieser Adresse an.

## What others did

mail-new-device-subject = Eine neue Anmeldung
mail-new-device-opening = Jemand, vermutlich Sie, hat sich als { $to } bei { $host } mit einem Browser angemeldet, der hier neu ist: { $whence }.
mail-new-device-closing = Unter { $sessions } sehen Sie, wo Sie angemeldet sind, und können Browser abmelden.
mail-password-operator-opening = Der Betreiber von { $host } hat { $whence } ein anderes Passwort für { $to } festgelegt.
mail-signed-out-everywhere = Sie wurden überall abgemeldet.
mail-factor-operator-opening = Der Betreiber von { $host } hat { $whence } alle zweiten Faktoren von { $to } entfernt, auch Passkeys.
mail-factor-operator-closing = Zum Anmelden genügt jetzt Ihr Passwort; Sie wurden überall abgemeldet.

## Personal access tokens

mail-pat-link = Ihre Token ansehen
mail-pat-created-subject = Ein persönliches Zugriffstoken wurde erstellt
mail-pat-created-opening = Jemand, vermutlich Sie, hat ein persönliches Zugriffstoken für { $to } bei { $host } erstellt: { $whence }.
mail-pat-created-closing = Wer es hat, darf damit tun, was Sie dürfen, bis es abläuft oder widerrufen wird.
mail-pat-replaced-subject = Ein persönliches Zugriffstoken wurde ersetzt
mail-pat-replaced-opening = Ein persönliches Zugriffstoken von { $to } bei { $host } hat { $whence } einen anderen Wert bekommen.
mail-pat-refreshed-closing = Der bisherige gilt nicht mehr.
mail-pat-rolled-closing = Der bisherige gilt noch eine Weile.
mail-pat-revoked-subject = Ein persönliches Zugriffstoken wurde widerrufen
mail-pat-revoked-opening = Ein persönliches Zugriffstoken von { $to } bei { $host } wurde { $whence } widerrufen.
mail-pat-revoked-closing = Es gilt nicht mehr.
mail-pat-operator-opening = Der Betreiber von { $host } hat { $whence } ein persönliches Zugriffstoken von { $to } widerrufen.
mail-pat-expires-subject = Ein persönliches Zugriffstoken läuft ab
mail-pat-expires-opening = Ein persönliches Zugriffstoken von { $to } bei { $host } gilt bis { $at }.
mail-pat-expires-closing = Programme, die es verwenden, kommen dann nicht mehr weiter, wenn sie vorher kein anderes bekommen.

## Account secrets

mail-account-secret-link = Ihr Kontogeheimnis ansehen
mail-account-secret-assigned-subject = Sie haben ein Kontogeheimnis
mail-account-secret-assigned-opening = Der Betreiber von { $host } hat { $to } { $whence } zu einem Entwicklerkonto gemacht: Es hat ein Kontogeheimnis, mit dem Programme auf Servern in Ihrem Namen handeln.
mail-account-secret-assigned-closing = Sie finden es in den Entwicklereinstellungen. Es wurde niemandem gezeigt.
mail-account-secret-revealed-subject = Ihr Kontogeheimnis wurde angezeigt
mail-account-secret-revealed-opening = Jemand, vermutlich Sie, hat sich { $whence } das Kontogeheimnis von { $to } bei { $host } anzeigen lassen.
mail-account-secret-operator-revealed-opening = Der Betreiber von { $host } hat sich { $whence } das Kontogeheimnis von { $to } anzeigen lassen.
mail-account-secret-revealed-closing = Wer es gesehen hat, kann dort, wo es gilt, in Ihrem Namen handeln, bis es ersetzt oder widerrufen wird.
mail-account-secret-rotated-subject = Ihr Kontogeheimnis wurde ersetzt
mail-account-secret-rotated-opening = Jemand, vermutlich Sie, hat { $whence } das Kontogeheimnis von { $to } bei { $host } ersetzt.
mail-account-secret-operator-rotated-opening = Der Betreiber von { $host } hat { $whence } das Kontogeheimnis von { $to } ersetzt.
mail-account-secret-rotated-closing = In den Entwicklereinstellungen sehen Sie, ob das bisherige noch eine Weile gilt.
mail-account-secret-revoked-subject = Ihr Kontogeheimnis wurde widerrufen
mail-account-secret-revoked-opening = Das Kontogeheimnis von { $to } bei { $host } wurde { $whence } widerrufen.
mail-account-secret-operator-revoked-opening = Der Betreiber von { $host } hat { $whence } das Kontogeheimnis von { $to } widerrufen.
mail-account-secret-revoked-closing = Es gilt nicht mehr.

## Credentials that leaked

mail-leaked-subject = Andere können Zugangsdaten von Ihnen sehen
mail-leaked-opening = Jemand hat { $host } gemeldet, diese Zugangsdaten von { $to } dort gesehen zu haben, wo auch andere sie sehen können.
mail-leaked-link = Ansehen, was mit Ihrem Konto geschah
mail-leaked-access-token = Zugriffstoken einer Anwendung
mail-leaked-account-secret = Kontogeheimnis
mail-leaked-pat = Persönliches Zugriffstoken
mail-leaked-refresh-token = Aktualisierungstoken einer Anwendung
mail-leaked-secret = Geheimnis
mail-leaked-ending = { $kind }, das auf { $last4 } endet
mail-leaked-dead = { $what }: Es gilt nicht mehr.
mail-leaked-lives = { $what }: Es gilt noch.
mail-leaked-more = Und { $count } weitere.
mail-leaked-living = Was noch gilt, blieb, weil sehr viele derselben Anwendung gemeldet wurden. Widerrufen Sie es unter { $page }, oder fragen Sie den Betreiber von { $host }.
mail-leaked-closing = Wer sie gesehen hat, kann sie vorher verwendet haben. Entfernen Sie sie von dort, wo sie zu sehen sind, und geben Sie Ihren Programmen andere.
