### Eine andere E-Mail-Adresse: /account/address, und die Links unter /address.

address-title = E-Mail-Adresse
address-yours = Ihre Adresse
address-unconfirmed = { $address }, nicht bestätigt
address-what-for = Sie melden sich damit an, und E-Mails zu Ihrem Konto gehen dorthin.
address-asked = An jede Adresse, die zustimmen muss, ist eine E-Mail unterwegs. Öffnen Sie den Link in jeder davon.
address-called-off = Die Änderung ist abgebrochen.
address-waiting-heading = Eine Änderung steht aus
address-waiting-for = Nach der Zustimmung bekommt Ihr Konto die Adresse { $address }.
address-waiting-until = Die Links in den E-Mails funktionieren bis zum { $until }.
address-agreed = { $address }: hat zugestimmt
address-not-yet = { $address }: hat noch nicht zugestimmt
address-call-off = Änderung abbrechen
address-change-heading = Adresse ändern
address-another-heading = Eine andere Adresse wählen
address-no-mail = Dieser Server versendet keine E-Mails. Bitten Sie seinen Betreiber, Ihre Adresse zu ändern.
address-confirm = Um Ihre Adresse zu ändern, { $link }.
address-confirm-link = bestätigen Sie, dass Sie es sind
address-new = Neue Adresse
address-rule-both = Wir senden einen Link an Ihre Adresse und einen an die neue. Es ändert sich erst etwas, wenn beide geöffnet und bestätigt wurden.
address-rule-new = Wir senden einen Link an die neue Adresse. Es ändert sich erst etwas, wenn er geöffnet und bestätigt wurde.
address-send = Links per E-Mail senden
address-none = Geben Sie eine E-Mail-Adresse ein, zum Beispiel ann@acme.example.
address-same = Das ist schon Ihre Adresse.
address-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Hier wurde nichts geändert.
address-too-often = Sie haben in einer Stunde fünfmal eine andere Adresse angefordert. Versuchen Sie es später noch einmal.
address-profile-link = E-Mail-Adresse ändern

## What links are for

address-link-title = Ihre E-Mail-Adresse
address-allow-heading = Eine andere Adresse erlauben?
address-allow-text = Wenn Sie das erlauben, bekommt das Konto von { $old } die Adresse { $new }, und Sie melden sich von da an mit ihr an.
address-allow-submit = Änderung erlauben
address-allow-hint = Wenn Sie nicht darum gebeten haben, erlauben Sie es nicht und wählen Sie ein anderes Passwort: Vielleicht kennt jemand Ihres.
address-claim-heading = Ist das Ihre Adresse?
address-claim-text = Ein Konto soll die Adresse { $address } bekommen.
address-claim-hint = Stimmen Sie nur zu, wenn Sie darum gebeten haben: E-Mails zu diesem Konto kommen dann an diese Adresse.
address-claim-submit = Ja, das ist meine
address-sign-in-heading = Melden Sie sich zuerst an
address-sign-in-text = Dieser Link ist für die Person, die sich die Adresse gewünscht hat. Melden Sie sich bei dem Konto an, das sie bekommen soll, und stimmen Sie dann zu.
address-another-account-heading = Hier ist ein anderes Konto angemeldet
address-another-account-text = Dieser Link ist für die Person, die sich die Adresse gewünscht hat, und das war ein anderes Konto. Wenn auch das Ihres ist, melden Sie sich hier ab und dort an. Wenn Sie nichts gewünscht haben, schließen Sie diese Seite: Nichts ändert sich.
address-another-account-submit = Abmelden
address-another-account-stay = Angemeldet bleiben
address-undo-heading = Änderung zurücknehmen?
address-undo-text = Das Konto bekommt die Adresse { $address } zurück.
address-undo-hint = Alle, die dort angemeldet sind, werden abgemeldet. Was zuletzt zum Anmelden hinzugefügt wurde, wird entfernt, und Sie wählen sofort ein anderes Passwort.
address-undo-submit = Das war ich nicht: zurücknehmen

## What came of it

address-dead = Jeder Link funktioniert einmal und nur für kurze Zeit. Er gilt nicht mehr, wenn die Änderung abgebrochen oder eine andere Adresse angefordert wird.
address-onward = Ihre Adresse
address-done-title = Die Adresse ist geändert
address-done-text = Melden Sie sich von jetzt an mit der neuen Adresse an. Wo Sie schon angemeldet sind, bleiben Sie es.
address-done-onward = Ihr Konto
address-taken-title = Nichts wurde geändert
address-taken-text = Die neue Adresse gehört inzwischen zu einem Konto. Wählen Sie eine andere.
address-thanks-title = Danke
address-thanks-text = Die Adresse wird geändert, sobald auch der Link an die andere Adresse geöffnet und bestätigt wurde.
