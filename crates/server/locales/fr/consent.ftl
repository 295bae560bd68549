### Ce qu’une application peut faire : /consent, le choix de l’entreprise et le retour à l’application.

company-title = Pour quelle entreprise ?
company-text = Choisissez celle dans laquelle { $app } agira en votre nom.
company-cancel = Annuler
consent-signed-in-as = Vous utilisez le compte { $username }.
consent-signed-in-for-company = Vous utilisez le compte { $username }, pour { $company }.
consent-signed-in-for-all = Vous utilisez le compte { $username }, pour toutes les entreprises de { $corporation }.
consent-title = Autoriser { $app } ?
consent-verified = Vérifiée : une de nos propres applications.
consent-unverified = Non vérifiée : une application d’une autre entreprise.
consent-on-to = Vous continuerez vers { $host }.
consent-on-to-this-computer = Vous continuerez vers une application de cet ordinateur.
consent-another-account = Utiliser un autre compte
consent-can = L’application pourra
consent-in = Dans { $api }
consent-about-you = À propos de vous
consent-cannot = L’application ne pourra pas
consent-deny = Refuser
consent-allow = Autoriser
consent-take-back = Vous pouvez le retirer à tout moment : dans votre compte, sous « Applications ».

## Scopes of OpenID Connect, and what no application gets

scope-address = Voir votre adresse postale
scope-email = Voir votre adresse e-mail
scope-offline-access = Conserver cet accès en votre absence
scope-openid = Savoir qui vous êtes ici
scope-phone = Voir votre numéro de téléphone
scope-profile = Voir votre nom et votre profil
cannot-see-password = Voir ou changer votre mot de passe
cannot-change-account = Modifier votre compte

## The way back

back-title = Retour à l’application
back-text = Si rien ne se passe tout seul :
