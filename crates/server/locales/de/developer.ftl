### Entwicklereinstellungen: die eigenen persönlichen Zugriffstoken.

developer-title = Entwicklereinstellungen
developer-tokens = Persönliche Zugriffstoken
developer-text = Mit einem persönlichen Zugriffstoken ruft ein Programm von Ihnen eine API in Ihrem Namen auf: Es darf dort, was Sie dürfen, und nicht mehr.
developer-warning = Halten Sie Ihre Token geheim. Geben Sie keines in E-Mails, Chats, in Code, der im Browser läuft, oder auf öffentlichen Seiten preis. Ist das geschehen, drücken Sie daneben auf „Erneuern“: Der bekannt gewordene Wert gilt dann nicht mehr, und Sie bekommen einen neuen.
developer-new = Token erstellen
developer-none = Sie haben kein gültiges Token.
developer-ended = Abgelaufen und widerrufen
developer-ended-hint = Die letzten fünfzig sind hier 90 Tage lang zu sehen.

## A token

developer-works = gültig
developer-expired = abgelaufen
developer-revoked = widerrufen
developer-full = Voller Zugriff (wie Sie selbst)
developer-all-there = alles, was Sie dort dürfen
developer-for = Für { $company }
developer-only-from = Nur von { $addresses }
developer-made = Erstellt am { $at }
developer-used = Zuletzt verwendet am { $at }
developer-used-from = von { $address }
developer-used-with = mit { $client }
developer-unused = Nie verwendet
developer-expires = Läuft { $when } ab
developer-expired-at = Abgelaufen { $when }
developer-revoked-at = Widerrufen { $when }
developer-overlaps = Der bisherige Wert gilt noch bis { $until }
developer-refresh = Erneuern
developer-roll = Mit Übergangszeit ersetzen
developer-revoke = Widerrufen
developer-refresh-label = Erneuern: das Token { $name }
developer-roll-label = Mit Übergangszeit ersetzen: das Token { $name }
developer-revoke-label = Widerrufen: das Token { $name }

## A new value

developer-value = Das ist der Wert. Kopieren Sie ihn jetzt: Er wird nicht noch einmal angezeigt.
developer-copy = Kopieren
developer-copied = Kopiert
developer-try = Geben Sie ihn zum Ausprobieren einem Terminal, ohne dass er im Verlauf bleibt, und führen Sie dann eines hiervon aus:
developer-placeholder = Dieser Server weiß nicht, unter welcher Adresse Ihre API zu erreichen ist. Setzen Sie sie an die Stelle von { $address }

## What became of it

developer-dead = Der bisherige Wert gilt nicht mehr.
developer-dying = Der bisherige Wert gilt hier nicht mehr, und innerhalb von { $bound } bei keiner API.
developer-revoked-notice = Das Token ist widerrufen.
developer-overtaken = Das Token hat gerade an anderer Stelle einen anderen Wert bekommen. Hier wurde nichts geändert.
developer-sent-before = Dieses Formular wurde schon einmal abgeschickt. Was daraus wurde, steht in der Liste; der Wert wurde damals angezeigt und wird es nicht noch einmal. Wenn Sie ihn nicht haben, erneuern Sie das Token.
developer-too-many = Sie haben { $most } gültige Token, und mehr sind nicht möglich. Widerrufen Sie zuerst eines.
developer-too-often = Innerhalb einer Stunde wurden sechzigmal Werte Ihrer Token und Ihres Kontogeheimnisses erstellt oder angezeigt. Widerrufen können Sie weiterhin.

## Before it is done

developer-refresh-title = { $name } erneuern?
developer-refresh-text = Der Wert, der auf { $last } endet, gilt hier sofort nicht mehr und bei APIs nach höchstens { $bound }, und was ihn verwendet, kommt nicht mehr weiter.
developer-next = Sie sehen einmal einen neuen Wert. Name und Einstellungen bleiben, und der neue Wert gilt bis { $until }.
developer-roll-title = { $name } mit Übergangszeit ersetzen?
developer-roll-text = Der Wert, der auf { $last } endet, gilt noch eine Weile, damit Sie den neuen ohne Eile einsetzen können. Falls ihn jemand anderes kennt, erneuern Sie das Token stattdessen.
developer-overlap-legend = Wie lange?
developer-revoke-title = { $name } widerrufen?
developer-revoke-text = Der Wert, der auf { $last } endet, gilt hier sofort nicht mehr und bei APIs nach höchstens { $bound }, und was ihn verwendet, kommt nicht mehr weiter. Das lässt sich nicht zurücknehmen.
developer-seconds =
    { $count ->
        [one] { $count } Sekunde
       *[other] { $count } Sekunden
    }
developer-hours =
    { $count ->
        [one] { $count } Stunde
       *[other] { $count } Stunden
    }
developer-days =
    { $count ->
        [one] { $count } Tag
       *[other] { $count } Tage
    }

## Another token

developer-name = Name
developer-name-hint = Woran Sie es erkennen, zum Beispiel: nächtlicher Import.
developer-note = Notiz (freiwillig)
developer-expires-legend = Läuft ab
developer-days-until = { $count } Tage, bis { $until }
developer-on-a-day = An einem Tag Ihrer Wahl
developer-day = Letzter Tag
developer-day-hint = Es gilt bis zum Ende dieses Tages in UTC, aber nicht länger als bis { $latest }.
developer-access = Zugriff
developer-full-hint = Alles, was Sie dürfen, bei jeder API, jetzt und später.
developer-chosen = Nur was hier angekreuzt ist
developer-all-there-box = Alles, was Sie dort dürfen, jetzt und später
developer-addresses = Nur von diesen Adressen (freiwillig)
developer-addresses-hint = Eine Adresse oder ein Netz in jeder Zeile, zum Beispiel 192.0.2.7 oder 192.0.2.0/24. Ohne Angabe kann es von überall verwendet werden.
developer-review = Prüfen
developer-review-title = Stimmt alles?
developer-create = Token erstellen
developer-change = Etwas ändern
developer-company-text = Ein Token handelt für ein Unternehmen.
developer-confirm = Bevor Sie weitermachen: { $link }, in einem anderen Tab. Schicken Sie dann dieses Formular noch einmal ab.
developer-unknown-scope = Der Link bittet um { $scope }, was Sie nirgends dürfen. Es bleibt weg.

## What is wrong with it

developer-name-unfit = Der Name muss sichtbarer Text in einer Zeile sein, mit höchstens { $most } Zeichen.
developer-note-unfit = Die Notiz muss in einer Zeile stehen, mit höchstens { $most } Zeichen.
developer-expiry-unfit = Wählen Sie, wann es abläuft: nicht in der Vergangenheit und nicht nach dem { $latest }.
developer-company-unfit = Für dieses Unternehmen können Sie nicht handeln.
developer-access-none = Kreuzen Sie an, wofür das Token ist, oder wählen Sie vollen Zugriff.
developer-access-both = Sie haben vollen Zugriff gewählt und einen Teil davon angekreuzt. Entscheiden Sie sich für eines von beiden.
developer-access-gone = Etwas von dem, was Sie angekreuzt haben, dürfen Sie nicht mehr. Sehen Sie die Liste noch einmal durch.
developer-addresses-many = Möglich sind höchstens { $most } Adressen.
developer-address-unreadable = Zeile { $line }, „{ $text }“, ist weder eine Adresse noch ein Netz.
developer-address-everybody = Zeile { $line }, „{ $text }“, sind alle. Lassen Sie die Liste dafür leer.
