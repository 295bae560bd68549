### Paramètres de développement : ses propres jetons d’accès personnels.

developer-title = Paramètres de développement
developer-tokens = Jetons d’accès personnels
developer-text = Avec un jeton d’accès personnel, un de vos programmes appelle une API en votre nom : il peut y faire ce que vous pouvez faire, et rien de plus.
developer-warning = Gardez vos jetons secrets. N’en communiquez aucun dans un e-mail, une messagerie, du code exécuté par le navigateur ou une page publique. Si c’est arrivé, appuyez sur « Renouveler » à côté du jeton : la valeur que d’autres connaissent cesse de fonctionner, et vous en recevez une nouvelle.
developer-new = Créer un jeton
developer-none = Vous n’avez aucun jeton qui fonctionne.
developer-ended = Expirés et révoqués
developer-ended-hint = Les cinquante derniers restent visibles ici pendant 90 jours.

## A token

developer-works = actif
developer-expired = expiré
developer-revoked = révoqué
developer-full = Accès complet (le même que vous)
developer-all-there = tout ce que vous pouvez y faire
developer-for = Pour { $company }
developer-only-from = Uniquement depuis { $addresses }
developer-made = Créé le { $at }
developer-used = Dernière utilisation le { $at }
developer-used-from = depuis { $address }
developer-used-with = avec { $client }
developer-unused = Jamais utilisé
developer-expires = Expire { $when }
developer-expired-at = Expiré { $when }
developer-revoked-at = Révoqué { $when }
developer-overlaps = La valeur précédente fonctionne jusqu’au { $until }
developer-refresh = Renouveler
developer-roll = Remplacer avec transition
developer-revoke = Révoquer
developer-refresh-label = Renouveler le jeton { $name }
developer-roll-label = Remplacer avec transition le jeton { $name }
developer-revoke-label = Révoquer le jeton { $name }

## A new value

developer-value = Voici la valeur. Copiez-la maintenant : elle ne sera plus affichée.
developer-copy = Copier
developer-copied = Copié
developer-try = Pour l’essayer, donnez-la à un terminal sans la laisser dans l’historique, puis exécutez l’un de ces exemples :
developer-placeholder = Ce serveur ne sait pas à quelle adresse se trouve votre API. Écrivez-la à la place de { $address }

## What became of it

developer-dead = La valeur précédente ne fonctionne plus.
developer-dying = La valeur précédente ne fonctionne plus ici, et dans { $bound } elle ne fonctionnera plus sur aucune API.
developer-revoked-notice = Le jeton est révoqué.
developer-overtaken = Le jeton vient de recevoir une autre valeur ailleurs. Rien n’a été modifié ici.
developer-sent-before = Ce formulaire a déjà été envoyé. Ce qu’il a créé est dans la liste ; la valeur a été affichée à ce moment-là et ne le sera plus. Si vous ne l’avez pas gardée, renouvelez le jeton.
developer-too-many = Vous avez { $most } jetons qui fonctionnent, et il ne peut pas y en avoir plus. Révoquez-en un d’abord.
developer-too-often = En une heure, des valeurs de vos jetons et du secret de votre compte ont été créées ou affichées soixante fois. Vous pouvez toujours révoquer.

## Before it is done

developer-refresh-title = Renouveler { $name } ?
developer-refresh-text = La valeur qui se termine par { $last } cesse aussitôt de fonctionner ici, et sur les API en { $bound } au plus, et avec elle tout ce qui l’utilise.
developer-next = Une nouvelle valeur vous est affichée une seule fois. Le nom et les réglages ne changent pas, et la nouvelle valeur fonctionne jusqu’au { $until }.
developer-roll-title = Remplacer { $name } avec transition ?
developer-roll-text = La valeur qui se termine par { $last } fonctionne encore un moment, pour que vous puissiez mettre la nouvelle à sa place sans hâte. Si quelqu’un d’autre la connaît, renouvelez plutôt le jeton.
developer-overlap-legend = Pendant combien de temps ?
developer-revoke-title = Révoquer { $name } ?
developer-revoke-text = La valeur qui se termine par { $last } cesse aussitôt de fonctionner ici, et sur les API en { $bound } au plus, et avec elle tout ce qui l’utilise. Cela ne peut pas être annulé.
developer-seconds =
    { $count ->
        [one] { $count } seconde
       *[other] { $count } secondes
    }
developer-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
developer-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }

## Another token

developer-name = Nom
developer-name-hint = Pour le distinguer des autres, par exemple : import nocturne.
developer-note = Note (facultative)
developer-expires-legend = Expire
developer-days-until = { $count } jours, jusqu’au { $until }
developer-on-a-day = Le jour de votre choix
developer-day = Dernier jour
developer-day-hint = Il fonctionne jusqu’à la fin de ce jour en UTC, mais pas après le { $latest }.
developer-access = Accès
developer-full-hint = Tout ce que vous pouvez faire, sur toutes les API, maintenant et plus tard.
developer-chosen = Uniquement ce qui est coché ici
developer-all-there-box = Tout ce que vous pouvez y faire, maintenant et plus tard
developer-addresses = Uniquement depuis ces adresses (facultatif)
developer-addresses-hint = Une adresse ou un réseau par ligne, par exemple 192.0.2.7 ou 192.0.2.0/24. Sans rien, il peut être utilisé de partout.
developer-review = Vérifier
developer-review-title = Tout est correct ?
developer-create = Créer le jeton
developer-change = Modifier
developer-company-text = Un jeton agit pour une seule entreprise.
developer-confirm = Avant de continuer, { $link } dans un autre onglet. Envoyez ensuite ce formulaire de nouveau.
developer-unknown-scope = Le lien demande { $scope }, que vous ne pouvez faire nulle part. C’est laissé de côté.

## What is wrong with it

developer-name-unfit = Le nom doit être un texte visible sur une seule ligne, de { $most } caractères au plus.
developer-note-unfit = La note doit tenir sur une seule ligne, de { $most } caractères au plus.
developer-expiry-unfit = Choisissez quand il expire : ni dans le passé, ni après le { $latest }.
developer-company-unfit = Vous ne pouvez pas agir pour cette entreprise.
developer-access-none = Cochez à quoi sert le jeton, ou choisissez l’accès complet.
developer-access-both = Vous avez choisi l’accès complet et coché une partie. Choisissez l’un des deux.
developer-access-gone = Vous ne pouvez plus faire une partie de ce que vous avez coché. Parcourez de nouveau la liste.
developer-addresses-many = Il peut y avoir { $most } adresses au plus.
developer-address-unreadable = La ligne { $line }, « { $text } », n’est ni une adresse ni un réseau.
developer-address-everybody = La ligne { $line }, « { $text } », désigne tout le monde. Pour cela, laissez la liste vide.
