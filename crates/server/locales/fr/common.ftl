### Ce que toute page contient, les dates et les délais. Du texte seul, sans balises.
### Glossaire : application, entreprise (company), groupe (corporation), clé d’accès (passkey), mot de passe, identifiant (username),
### adresse e-mail, second facteur, application d’authentification (authenticator), code de récupération (recovery code), session,
### se connecter, se déconnecter, compte, lien, autorisation (scope), retirer (take back), clé secrète (celle de l’application
### d’authentification). Forme de politesse : vous, sans accord au genre de la personne. Espace insécable devant le deux-points et dans les
### guillemets, fine insécable devant le point-virgule, le point d’interrogation et le point d’exclamation.

instant =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    } { $year } à { $time } UTC
within-seconds =
    { $count ->
        [1] dans une seconde
       *[other] dans { $count } secondes
    }
within-minutes =
    { $count ->
        [1] dans une minute
       *[other] dans { $count } minutes
    }
within-hours =
    { $count ->
        [one] dans { $count } heure
       *[other] dans { $count } heures
    }
within-days =
    { $count ->
        [one] dans { $count } jour
       *[other] dans { $count } jours
    }
minutes-ago =
    { $count ->
        [one] il y a { $count } minute
       *[other] il y a { $count } minutes
    }
hours-ago =
    { $count ->
        [one] il y a { $count } heure
       *[other] il y a { $count } heures
    }
days-ago =
    { $count ->
        [one] il y a { $count } jour
       *[other] il y a { $count } jours
    }
try-again = { $why } Réessayez { $within }.
too-many-attempts = Trop de tentatives ont échoué.
busy = Le serveur est très sollicité. Réessayez dans un instant.
changed-just-now = Votre compte vient d’être modifié. Connectez-vous de nouveau.
page-too-old = Cette page est restée ouverte trop longtemps, a déjà été envoyée, ou votre navigateur ne garde pas les cookies. Connectez-vous de nouveau.
took-too-long = Cela a pris trop de temps. Connectez-vous de nouveau.
codes-locked = Trop de codes erronés ont été saisis. Utilisez un code de récupération, ou choisissez un autre mot de passe et connectez-vous de nouveau.
