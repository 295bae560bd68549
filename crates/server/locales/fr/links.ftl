### Liens reçus par e-mail, et leur demande : /reset, /signup, /verify.

link-email = Adresse e-mail
link-send = Envoyer un lien
link-back = Retour à la connexion
link-ask-again = Demander de nouveau
link-ask = Demander un lien
link-sign-in = Se connecter
link-look-into-mail = Consultez votre messagerie
link-too-many = Trop de liens ont été demandés.
link-other-title = Cette page était destinée à un autre lien
link-other-text = Un autre lien a été ouvert depuis dans ce navigateur. Ouvrez de nouveau celui de votre e-mail.
link-dead-title = Ce lien ne fonctionne plus
link-dead-text = Chaque lien fonctionne une seule fois, pendant peu de temps, et plus après un changement de mot de passe.

## A forgotten password

reset-title = Mot de passe oublié
reset-heading = Choisir un nouveau mot de passe
reset-text = Nous envoyons à votre adresse e-mail un lien qui vous permettra d’en choisir un nouveau.
reset-no-address = Saisissez l’adresse e-mail avec laquelle vous vous connectez.
reset-no-mail-title = Aucun e-mail n’est envoyé d’ici
reset-no-mail-text = Demandez un nouveau mot de passe à l’administrateur de ce serveur.
reset-sent = S’il existe un compte pour cette adresse, un e-mail contenant un lien est en route. Le lien fonctionne pendant { $minutes } minutes.
reset-done-title = Votre mot de passe est défini
reset-done-text = Connectez-vous avec celui-ci, dans l’application si vous veniez de l’une d’elles. Vous êtes déconnecté partout où vous étiez connecté auparavant.
choose-title = Choisir un mot de passe
choose-first = Choisissez votre mot de passe
choose-another = Choisissez un nouveau mot de passe
choose-new = Nouveau mot de passe
choose-rule = Au moins { $least } caractères ; les espaces comptent. Quatre mots ou plus, sans rapport entre eux, conviennent bien.
choose-submit = Définir le mot de passe
choose-everywhere = Vous serez déconnecté partout.
choose-unfit = Ce mot de passe ne peut pas être accepté : { $why }.
password-guessable = il fait partie des premiers que l’on devine ; mieux valent quatre mots ou plus, sans rapport entre eux
password-too-long = il doit comporter au plus { $characters } caractères et { $bytes } octets
password-too-short = il doit comporter au moins { $least } caractères ; les espaces comptent
password-unchanged = c’est celui que vous avez déjà

## An account of one's own

sign-up-title = Créer un compte
sign-up-text = Nous envoyons à votre adresse e-mail un lien qui vous permettra de choisir un mot de passe.
sign-up-back = Se connecter, si vous en avez déjà un
sign-up-no-address = Saisissez votre adresse e-mail.
sign-up-none-title = On ne crée pas de compte ici
sign-up-none-text = Demandez-en un à l’administrateur de ce serveur.
sign-up-sent = Un e-mail contenant un lien est en route vers cette adresse. Le lien fonctionne pendant { $minutes } minutes.

## Proving an address

verify-title = Confirmez votre adresse
verify-question = { $username } est-elle votre adresse e-mail ?
verify-submit = Oui, c’est la mienne
verify-done-title = Votre adresse est confirmée
verify-done-text = Vous pouvez fermer cette page.
