### Entwicklereinstellungen: das Geheimnis eines Entwicklerkontos.

developer-secret = Kontogeheimnis
developer-secret-text = Mit dem Kontogeheimnis handeln Ihre Programme auf Servern in Ihrem Namen, und zwar bei den Routen, die es annehmen. Es läuft nicht ab. Nehmen Sie lieber ein persönliches Zugriffstoken: Das läuft ab und lässt sich einschränken.
developer-secret-warning = Nur für Server. Setzen Sie es nie in eine Webseite, eine App oder etwas anderes, das im Browser läuft: Was ein Browser damit schickt, wird abgelehnt. Kennt es jemand anderes, ersetzen Sie es sofort.
developer-secret-revoked = Es wurde widerrufen. Kein Programm kann es mehr verwenden.
developer-secret-make = Ein neues erstellen
developer-secret-seen = Zuletzt angezeigt am { $at }
developer-secret-once = Es wird nicht aufbewahrt und lässt sich nicht anzeigen: Nur die Seite, die eines erstellt, zeigt es, ein einziges Mal. Wenn Sie es nicht haben, ersetzen Sie es.
developer-secret-former = das bisherige
developer-secret-former-until = Gilt bis { $until }
developer-secret-header = Programme schicken es in diesem Header-Feld:
developer-secret-where = Hier nimmt es nur { $endpoint } an und gibt Auskunft über Ihre eigenen Token.
developer-secret-apis = Bei einer API nehmen es nur die Routen an, die das ausdrücklich sagen. Welche das sind, weiß dieser Server nicht: Fragen Sie den Betreiber der API.
developer-secret-routes = Bei APIs nehmen diese Routen es an:
developer-secret-try = Geben Sie es zum Ausprobieren einem Terminal, ohne dass es im Verlauf bleibt. Das hier fragt nach einem Token, das es nicht gibt; mit dem richtigen Geheimnis lautet die Antwort { $answer }
developer-secret-reveal = Anzeigen
developer-secret-rotate = Ersetzen
developer-secret-reveal-label = Anzeigen: das Kontogeheimnis
developer-secret-rotate-label = Ersetzen: das Kontogeheimnis
developer-secret-revoke-label = Widerrufen: das Kontogeheimnis
developer-secret-value = Das ist das Geheimnis.

## What became of it

developer-secret-revoked-notice = Das Kontogeheimnis ist widerrufen.
developer-secret-overtaken = Das Kontogeheimnis wurde gerade an anderer Stelle geändert. Hier wurde nichts geändert.
developer-secret-none = Es gibt kein Kontogeheimnis mehr. Es wurde nichts geändert.
developer-secret-sent-before = Dieses Formular wurde schon einmal abgeschickt, und das Geheimnis wurde damals ersetzt. Es wurde nicht noch einmal ersetzt.

## Before it is done

developer-secret-reveal-title = Kontogeheimnis anzeigen?
developer-secret-reveal-text = Die nächste Seite zeigt es. Das wird aufgezeichnet, und Sie erhalten eine E-Mail darüber. Achten Sie darauf, dass niemand sonst Ihren Bildschirm sieht.
developer-secret-rotate-title = Kontogeheimnis ersetzen?
developer-secret-rotate-text = Sie sehen ein neues Geheimnis. Das bisherige, das auf { $last } endet, gilt dann nicht mehr, und was es verwendet, kommt nicht mehr weiter: sofort, oder nach einer Weile, in der beide gelten.
developer-secret-rotate-former = Das davor, das auf { $last } endet, gilt in jedem Fall sofort nicht mehr.
developer-secret-overlap-legend = Wie lange gilt das bisherige noch?
developer-secret-overlap-none = Gar nicht
developer-secret-make-title = Ein neues Kontogeheimnis erstellen?
developer-secret-make-text = Die nächste Seite zeigt es.
developer-secret-revoke-title = Kontogeheimnis widerrufen?
developer-secret-revoke-text = Das Geheimnis, das auf { $last } endet, gilt sofort nicht mehr, und was es verwendet, kommt nicht mehr weiter; ebenso das davor, falls es noch gilt. Das lässt sich nicht zurücknehmen, aber Sie können ein neues erstellen.
