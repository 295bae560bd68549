### Das eigene Konto löschen, und die Seite danach. Nur Text, kein Markup.

leave-heading = Ihr Konto löschen
leave-text =
    { $days ->
        [one] Sie werden sofort überall abgemeldet, und keine Anwendung kann Ihr Konto mehr nutzen. { $days } Tag lang können Sie sich noch anmelden und das Konto behalten; dann wird es endgültig gelöscht, mit Ihrem Profil, Ihren Mitgliedschaften und Rollen in Unternehmen, dem, was Sie Anwendungen erlauben, und allem, womit Sie sich anmelden.
       *[other] Sie werden sofort überall abgemeldet, und keine Anwendung kann Ihr Konto mehr nutzen. { $days } Tage lang können Sie sich noch anmelden und das Konto behalten; dann wird es endgültig gelöscht, mit Ihrem Profil, Ihren Mitgliedschaften und Rollen in Unternehmen, dem, was Sie Anwendungen erlauben, und allem, womit Sie sich anmelden.
    }
leave-username = Geben Sie zur Bestätigung Ihren Benutzernamen ein
leave-username-hint = Er lautet { $username }.
leave-submit = Mein Konto löschen
leave-wrong-name = Das ist nicht Ihr Benutzername. Es wurde nichts gelöscht.
leave-overtaken = Ihr Konto wurde gerade an anderer Stelle geändert. Es wurde nichts gelöscht.
leave-kept = Ihr Konto bleibt bestehen. In Anwendungen müssen Sie sich neu anmelden.
leaving-title = Ihr Konto wird gelöscht
leaving-text = Am { $due } wird das Konto { $username } mit allem, was dazugehört, endgültig gelöscht. Bis dahin kann keine Anwendung es nutzen.
leaving-keep = Mein Konto behalten
leaving-sign-out = Abmelden
left-text = Sie sind überall abgemeldet. Bis zum { $due } können Sie sich anmelden und Ihr Konto behalten; dann wird es endgültig gelöscht.
left-sign-in = Anmelden
