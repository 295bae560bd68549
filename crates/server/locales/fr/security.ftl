### /account/security : mot de passe, clés d’accès, second facteur, codes de récupération.

security-title = Sécurité
security-heading = Mot de passe et second facteur
security-confirm = Pour modifier quelque chose ici, { $link }.
security-confirm-link = confirmez que c’est bien vous

## Password

security-password = Mot de passe
security-current-password = Mot de passe actuel
security-new-password = Nouveau mot de passe
security-password-hint = Au moins { $least } caractères. Le mieux est de prendre quelques mots sans rapport entre eux.
security-change-password = Changer le mot de passe
security-password-everywhere = Vous serez déconnecté partout ailleurs.
security-password-changed = Votre mot de passe est changé. Vous avez été déconnecté partout ailleurs.
security-password-other = Votre mot de passe actuel est un autre.
security-password-overtaken = Votre compte vient d’être modifié ailleurs. Rien n’a été modifié ici.
security-password-too-soon-mail = Vous avez changé votre mot de passe il y a moins de { $minutes } minutes. Pour en choisir un autre dès maintenant, demandez un lien par e-mail sur /reset.
security-password-too-soon = Vous avez changé votre mot de passe il y a moins de { $minutes } minutes. Réessayez plus tard.
security-password-unfit = Le nouveau mot de passe ne peut pas être accepté : { $why }.

## Passkeys

passkeys-heading = Clés d’accès
passkeys-text = Une clé d’accès vous connecte sans mot de passe : votre téléphone, votre ordinateur ou votre clé de sécurité prouve sa présence, et vous lui prouvez qu’il est à vous.
passkeys-line-used = ajoutée le { $added }, utilisée pour la dernière fois le { $used }
passkeys-line-unused = ajoutée le { $added }, jamais utilisée
passkeys-remove-label = Supprimer la clé d’accès { $name }, ajoutée le { $added }
passkeys-remove = Supprimer
passkeys-add-failed = Aucune clé d’accès n’a été ajoutée. Réessayez.
passkeys-add-known = L’appareil que vous avez utilisé contient déjà une clé d’accès pour ce compte.
passkeys-name = Nom d’une nouvelle clé d’accès
passkeys-name-hint = Pour la reconnaître : Mon téléphone, Clé bleue.
passkeys-add = Ajouter une clé d’accès
passkeys-no-script = Pour ajouter une clé d’accès, autorisez cette page à exécuter son script.
passkeys-added = La clé d’accès est ajoutée.
passkeys-removed = La clé d’accès est supprimée. Supprimez-la aussi de votre appareil.
passkeys-unchanged = Rien n’a été modifié : { $why }.
passkeys-not-added = Aucune clé d’accès n’a été ajoutée : { $why }. Réessayez.
passkey-known = cette clé d’accès existe déjà
passkey-name-unfit = le nom d’une clé d’accès doit être visible, sur une ligne, de { $most } caractères au plus
passkey-overtaken = le compte a été modifié entre-temps
passkey-too-late = la demande est trop ancienne, ou a déjà reçu une réponse
passkey-too-many = il y a déjà autant de clés d’accès que possible
passkey-unproven = le navigateur n’a pas créé de clé d’accès

## Second factor

factor-heading = Second facteur
factor-authenticator = À la connexion, le code d’une application d’authentification vous est demandé.
factor-authenticator-or-passkey = À la connexion par mot de passe, le code d’une application d’authentification ou l’une de vos clés d’accès vous est demandé.
factor-passkey = À la connexion par mot de passe, l’une de vos clés d’accès ou un code de récupération vous est demandé en plus.
factor-none = À la connexion, seul votre mot de passe vous est demandé.
factor-codes-left =
    { $count ->
        [one] Il reste { $count } code de récupération.
       *[other] Il reste { $count } codes de récupération.
    }
factor-code-authenticator = Un code de l’application d’authentification, ou un code de récupération
factor-code-recovery = Un code de récupération
factor-new-codes = Nouveaux codes de récupération
factor-remove-authenticator = Supprimer l’application d’authentification
factor-remove = Supprimer le second facteur
factor-add = Ajouter une application d’authentification
factor-removed = Le second facteur est supprimé.
factor-wrong-code = Ce n’est pas le code valable en ce moment. Attendez le suivant ; l’horloge de l’appareil est-elle à l’heure ?

## Another authenticator

totp-title = Ajouter une application d’authentification
totp-scan = Scannez ceci avec une application d’authentification, ou { $link }.
totp-scan-link = ouvrez-le sur cet appareil
totp-picture = La clé sous forme d’image à scanner
totp-type = Ou saisissez cette clé : { $key }
totp-code = Le code qu’affiche l’application
totp-confirm = Confirmer
totp-leave = Laisser tel quel
codes-title = Codes de récupération
codes-heading = Vos codes de récupération
codes-text = Gardez-les là où vous les retrouverez sans cet appareil. Chacun remplace une fois votre second facteur. Ils ne seront plus affichés.
codes-kept = Je les ai conservés
