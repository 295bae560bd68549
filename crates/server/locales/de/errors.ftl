### Was schiefging, wie es Menschen begegnet.

error-title-not-found = Seite nicht gefunden
error-title-too-many = Zu viele Versuche
error-title-refused = Das geht nicht
error-title-shortly = Versuchen Sie es gleich noch einmal
error-title-failed = Etwas ist schiefgegangen
error-ask = Wenn Sie jemanden um Hilfe bitten, geben Sie dies an: { $code }, { $request }
error-unreadable = Die Anwendung hat eine Anfrage gesendet, die nicht gelesen werden kann.
error-client-unknown = Es gibt keine Anwendung mit dieser client_id, oder sie darf zurzeit nicht handeln.
error-signs-nobody-in = Diese Anwendung handelt nur für sich selbst und meldet niemanden an.
error-redirect-uri = Die redirect_uri stimmt nicht Zeichen für Zeichen mit einer überein, die für diese Anwendung eingetragen ist.
error-flow-invalid = Diese Anfrage ist zu alt oder unvollständig. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.
error-flow-answered = Diese Anfrage wurde schon beantwortet. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.
error-too-long = Die Anfrage ist zu lang.
error-not-a-member = Sie gehören nicht zu diesem Unternehmen.
error-logout-address = Diese post_logout_redirect_uri ist für die Anwendung nicht eingetragen.
error-logout-hint = Der id_token_hint wurde für eine andere Anwendung ausgestellt.
error-unavailable = Der Server kann gerade nicht antworten. Versuchen Sie es gleich noch einmal.
error-failed = Der Server konnte nicht antworten.
error-body = Die Anfrage brach ab, hat zu lange gedauert oder ist zu lang.
error-foreign-form = Dieses Formular ist zu alt oder wurde nicht für diesen Browser erstellt. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-method = Diese Seite lässt sich so nicht aufrufen.
error-not-found = Hier ist nichts.
error-overloaded = Der Server ist ausgelastet. Versuchen Sie es gleich noch einmal.
error-timed-out = Der Server hat zu lange gebraucht. Versuchen Sie es gleich noch einmal.
