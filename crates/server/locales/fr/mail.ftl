### E-mails : pour chacun, objet, début, où cliquer, et fin.

mail-copy-address = Ou copiez cette adresse dans votre navigateur :
mail-at = le { $at }
mail-at-from = le { $at }, depuis { $address }
mail-at-with = le { $at }, avec { $browser }
mail-at-from-with = le { $at }, depuis { $address }, avec { $browser }
mail-link-once = Le lien fonctionne une seule fois, jusqu’au { $at }.
mail-link-until = Le lien fonctionne jusqu’au { $at }.
mail-not-you = Si ce n’était pas vous, choisissez aussitôt un autre mot de passe sur { $reset } et prévenez l’administrateur de { $host }.

## Passwords and accounts

mail-reset-subject = Choisissez un nouveau mot de passe
mail-reset-opening = Quelqu’un, probablement vous, a demandé un nouveau mot de passe pour { $to } sur { $host } : { $whence }.
mail-reset-link = Choisir un nouveau mot de passe
mail-reset-ignore = Si ce n’était pas vous, ignorez cet e-mail : votre mot de passe ne change pas.
mail-invitation-subject = Choisissez votre mot de passe
mail-invitation-opening = Un compte a été créé pour vous sur { $host }, avec l’adresse { $to }. Choisissez un mot de passe pour l’utiliser.
mail-choose-password = Choisir un mot de passe
mail-invitation-ignore = Si vous ne vous y attendiez pas, ignorez cet e-mail : tant que vous n’utilisez pas le lien, rien ne se passe.
mail-sign-up-subject = Créez votre compte
mail-sign-up-opening = Quelqu’un, probablement vous, souhaite un compte pour { $to } sur { $host } : { $whence }.
mail-sign-up-ignore = Si ce n’était pas vous, ignorez cet e-mail : tant que vous n’utilisez pas le lien, aucun compte n’est créé.
mail-verification-subject = Confirmez votre adresse e-mail
mail-verification-opening = Veuillez confirmer que { $to } est votre adresse sur { $host }.
mail-verification-link = Confirmer l’adresse
mail-verification-ignore = Si vous n’avez pas de compte sur { $host }, ignorez cet e-mail : il ne se passe rien.
mail-password-changed-subject = Votre mot de passe a été changé
mail-password-changed-opening = Le mot de passe de { $to } sur { $host } a été changé { $whence }.
mail-password-changed-closing = Vos sessions dans tous les autres navigateurs ont été fermées ; connectez-vous-y avec le nouveau mot de passe.
mail-staying-authenticator = Une application d’authentification est encore demandée : vérifiez-la sur { $page } et supprimez ce qui n’est pas à vous.
mail-staying-passkeys =
    { $passkeys ->
        [one] Une clé d’accès ouvre encore le compte : vérifiez-la sur { $page } et supprimez ce qui n’est pas à vous.
       *[other] { $passkeys } clés d’accès ouvrent encore le compte : vérifiez-les sur { $page } et supprimez ce qui n’est pas à vous.
    }
mail-staying-both =
    { $passkeys ->
        [one] Une clé d’accès ouvre encore le compte et une application d’authentification est encore demandée : vérifiez-les sur { $page } et supprimez ce qui n’est pas à vous.
       *[other] { $passkeys } clés d’accès ouvrent encore le compte et une application d’authentification est encore demandée : vérifiez-les sur { $page } et supprimez ce qui n’est pas à vous.
    }

## Factors

mail-codes-guessed-subject = Quelqu’un semble connaître votre mot de passe
mail-codes-guessed-opening = Quelqu’un a saisi le bon mot de passe de { $to } sur { $host }, puis { $count } codes erronés de l’application d’authentification : le dernier { $whence }.
mail-codes-guessed-you = Si c’était vous, attendez le code suivant, ou utilisez un code de récupération.
mail-passkey-added-subject = Une clé d’accès a été ajoutée
mail-passkey-added-opening = Une clé d’accès a été ajoutée pour { $to } sur { $host } { $whence }.
mail-passkey-added-closing = Quiconque la possède peut se connecter sans votre mot de passe.
mail-passkey-three-days = Si vous y choisissez un nouveau mot de passe dans les trois jours, la clé d’accès est également supprimée, à condition que vous n’ayez pas eu de second facteur auparavant.
mail-passkey-removed-subject = Une clé d’accès a été supprimée
mail-passkey-removed-opening = Une clé d’accès de { $to } sur { $host } a été supprimée { $whence }.
mail-passkey-removed-closing = Elle ne permet plus de se connecter.
mail-recovery-code-used-subject = Un code de récupération a été utilisé
mail-recovery-code-used-opening = Un code de récupération de { $to } sur { $host } a été utilisé { $whence }.
mail-recovery-code-used-closing = Il ne fonctionne pas une seconde fois.
mail-recovery-codes-made-subject = Vous avez de nouveaux codes de récupération
mail-recovery-codes-made-opening = De nouveaux codes de récupération pour { $to } sur { $host } ont été créés { $whence }.
mail-recovery-codes-made-closing = Les précédents ne fonctionnent plus.
mail-factor-added-subject = Un second facteur a été ajouté
mail-factor-added-opening = Une application d’authentification a été ajoutée pour { $to } sur { $host } { $whence }.
mail-factor-added-closing = Son code vous est demandé à la connexion.
mail-factor-three-days = Si vous y choisissez un nouveau mot de passe dans les trois jours, l’application d’authentification est également supprimée, à condition que vous n’ayez pas eu de second facteur auparavant.
mail-factor-removed-subject = Le second facteur a été supprimé
mail-factor-removed-opening = L’application d’authentification de { $to } sur { $host } a été supprimée { $whence }.
mail-factor-removed-closing = Ses codes ne sont plus demandés.

## Suppression

mail-account-deleted-subject = Votre compte a été supprimé
mail-account-deleted-opening = Le compte de { $to } sur { $host } a été supprimé { $whence }, comme demandé.
mail-account-deleted-closing = Rien ne peut en être récupéré. Ceci est le dernier e-mail à son sujet.
mail-deletion-requested-subject = Votre compte va être supprimé
mail-deletion-requested-opening = Quelqu’un, probablement vous, a demandé la suppression du compte de { $to } sur { $host } : { $whence }.
mail-deletion-until = Jusqu’au { $at }, vous pouvez vous connecter sur { $page } et le conserver ; ensuite il sera supprimé définitivement.
mail-deletion-taken-back-subject = Votre compte est conservé
mail-deletion-taken-back-opening = Le compte de { $to } sur { $host }, qui devait être supprimé, a été conservé { $whence }.
mail-deletion-taken-back-closing = Les applications vous demanderont de vous reconnecter.
mail-deletion-operator-opening = L’administrateur de { $host } a conservé le compte de { $to }, qui devait être supprimé, { $whence }.
mail-former-leaving-subject = Un compte qui avait votre adresse va être supprimé
mail-former-leaving-opening = Quelqu’un a demandé la suppression du compte sur { $host } qui avait l’adresse { $to } jusqu’à récemment : { $whence }.
mail-former-leaving-not-you = Si ce n’était pas vous, ouvrez le lien de notre e-mail sur le changement de cette adresse : jusqu’au { $at }, il rend cette adresse au compte, et le compte n’est pas supprimé.
mail-former-leaving-you = Si c’était vous, il n’y a rien à faire.

## Addresses

mail-address-link = Voir le changement
mail-address-now = Désormais, vous vous connectez avec la nouvelle adresse.
mail-by-operator-ask = Si vous ne savez pas pourquoi, demandez à l’administrateur de { $host }.
mail-address-allow-subject = Autoriser une autre adresse e-mail ?
mail-address-allow-opening = Quelqu’un, probablement vous, souhaite que le compte de { $to } sur { $host } ait l’adresse { $other } : { $whence }.
mail-address-allow-closing = Rien ne change tant que les deux adresses n’ont pas donné leur accord.
mail-address-allow-not-you = Si ce n’était pas vous, n’autorisez pas ce changement et choisissez aussitôt un autre mot de passe sur { $reset } : quelqu’un connaît peut-être le vôtre.
mail-address-changed-subject = Votre adresse e-mail a été changée
mail-address-changed-opening = Le compte de { $to } sur { $host } a reçu une autre adresse e-mail { $whence }.
mail-address-changed-link = Ce n’était pas moi
mail-address-changed-not-you = Si ce n’était pas vous, ouvrez le lien, qui fonctionne jusqu’au { $at } : vous y rendez cette adresse au compte, fermez toutes ses sessions et choisissez un autre mot de passe.
mail-address-operator-opening = L’administrateur de { $host } a donné une autre adresse e-mail au compte de { $to } { $whence }.
mail-address-claim-subject = Confirmez votre nouvelle adresse e-mail
mail-address-claim-opening = Quelqu’un, probablement vous, souhaite qu’un compte sur { $host } ait l’adresse { $to } : { $whence }.
mail-address-claim-ignore = Si ce n’était pas vous, ignorez cet e-mail : rien ne change sans votre accord.
mail-address-restored-subject = Une ancienne adresse e-mail a été rétablie
mail-address-restored-opening = Le compte sur { $host } qui avait l’adresse { $to } a retrouvé son adresse précédente { $whence }.
mail-address-restored-closing = Quelqu’un qui lit les e-mails de l’adresse précédente est revenu sur le changement.
mail-address-restored-yours = Si le compte est le vôtre, prévenez l’administrateur de { $host }.
mail-address-taken-subject = Cette adresse e-mail a déjà un compte
mail-address-taken-opening = Quelqu’un voulait qu’un autre compte sur { $host } ait l’adresse { $to } : { $whence }.
mail-address-taken-closing = Rien n’a été modifié : un compte a cette adresse, ou l’avait il y a quelques jours encore.
mail-address-taken-you = Si c’était vous, connectez-vous sur { $login } avec cette adresse.

## What others did

mail-new-device-subject = Une nouvelle connexion
mail-new-device-opening = Quelqu’un, probablement vous, s’est connecté en tant que { $to } sur { $host } avec un navigateur qui est nouveau ici : { $whence }.
mail-new-device-closing = Sur { $sessions }, vous voyez vos sessions ouvertes et pouvez les fermer.
mail-password-operator-opening = L’administrateur de { $host } a défini un autre mot de passe pour { $to } { $whence }.
mail-signed-out-everywhere = Toutes vos sessions ont été fermées.
mail-factor-operator-opening = L’administrateur de { $host } a supprimé tous les seconds facteurs de { $to }, clés d’accès comprises, { $whence }.
mail-factor-operator-closing = Votre mot de passe suffit désormais pour vous connecter ; toutes vos sessions ont été fermées.

## Personal access tokens

mail-pat-link = Voir vos jetons
mail-pat-created-subject = Un jeton d’accès personnel a été créé
mail-pat-created-opening = Quelqu’un, probablement vous, a créé un jeton d’accès personnel pour { $to } sur { $host } : { $whence }.
mail-pat-created-closing = Qui le possède peut faire ce que vous pouvez faire, jusqu’à ce qu’il expire ou soit révoqué.
mail-pat-replaced-subject = Un jeton d’accès personnel a été remplacé
mail-pat-replaced-opening = Un jeton d’accès personnel de { $to } sur { $host } a reçu une autre valeur { $whence }.
mail-pat-refreshed-closing = La précédente ne fonctionne plus.
mail-pat-rolled-closing = La précédente fonctionne encore un moment.
mail-pat-revoked-subject = Un jeton d’accès personnel a été révoqué
mail-pat-revoked-opening = Un jeton d’accès personnel de { $to } sur { $host } a été révoqué { $whence }.
mail-pat-revoked-closing = Il ne fonctionne plus.
mail-pat-operator-opening = L’administrateur de { $host } a révoqué un jeton d’accès personnel de { $to } { $whence }.
mail-pat-expires-subject = Un jeton d’accès personnel expire
mail-pat-expires-opening = Un jeton d’accès personnel de { $to } sur { $host } fonctionne jusqu’à { $at }.
mail-pat-expires-closing = Les programmes qui l’utilisent cesseront alors de fonctionner, s’ils n’en reçoivent pas un autre avant.

## Account secrets

mail-account-secret-link = Voir le secret de votre compte
mail-account-secret-assigned-subject = Votre compte a un secret
mail-account-secret-assigned-opening = L’administrateur de { $host } a fait de { $to } un compte de développeur { $whence } : il a un secret, par lequel des programmes sur des serveurs agissent en votre nom.
mail-account-secret-assigned-closing = Vous le trouvez dans les paramètres de développement. Il n’a été montré à personne.
mail-account-secret-revealed-subject = Le secret de votre compte a été affiché
mail-account-secret-revealed-opening = Quelqu’un, probablement vous, a fait afficher le secret du compte { $to } sur { $host } { $whence }.
mail-account-secret-operator-revealed-opening = L’administrateur de { $host } a fait afficher le secret du compte { $to } { $whence }.
mail-account-secret-revealed-closing = Qui l’a vu peut agir en votre nom là où il est accepté, jusqu’à ce qu’il soit remplacé ou révoqué.
mail-account-secret-rotated-subject = Le secret de votre compte a été remplacé
mail-account-secret-rotated-opening = Quelqu’un, probablement vous, a remplacé le secret du compte { $to } sur { $host } { $whence }.
mail-account-secret-operator-rotated-opening = L’administrateur de { $host } a remplacé le secret du compte { $to } { $whence }.
mail-account-secret-rotated-closing = Dans les paramètres de développement, vous voyez si le précédent fonctionne encore un moment.
mail-account-secret-revoked-subject = Le secret de votre compte a été révoqué
mail-account-secret-revoked-opening = Le secret du compte { $to } sur { $host } a été révoqué { $whence }.
mail-account-secret-operator-revoked-opening = L’administrateur de { $host } a révoqué le secret du compte { $to } { $whence }.
mail-account-secret-revoked-closing = Il ne fonctionne plus.

## Credentials that leaked

mail-leaked-subject = D’autres peuvent voir des identifiants à vous
mail-leaked-opening = Quelqu’un a signalé à { $host } avoir vu ces identifiants de { $to } là où d’autres peuvent aussi les voir.
mail-leaked-link = Voir ce qui est arrivé à votre compte
mail-leaked-access-token = Jeton d’accès d’une application
mail-leaked-account-secret = Secret de votre compte
mail-leaked-pat = Jeton d’accès personnel
mail-leaked-refresh-token = Jeton d’actualisation d’une application
mail-leaked-secret = Secret
mail-leaked-ending = { $kind } qui se termine par { $last4 }
mail-leaked-dead = { $what } : il ne fonctionne plus.
mail-leaked-lives = { $what } : il fonctionne encore.
mail-leaked-more = Et { $count } de plus.
mail-leaked-living = Ce qui fonctionne encore a été laissé parce que beaucoup d’identifiants de la même application ont été signalés. Retirez-le à l’adresse { $page }, ou demandez à l’administrateur de { $host }.
mail-leaked-closing = Qui les a vus a pu les utiliser avant. Retirez-les de là où on les voit, et donnez-en d’autres à vos programmes.
