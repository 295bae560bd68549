### Le compte : navigation, Mon profil, sessions, applications.

account-label = Compte
account-to-content = Aller au contenu
account-profile = Profil
account-security = Sécurité
account-sessions = Sessions
account-apps = Applications
account-developer = Paramètres de développement
account-data = Vos données
account-sign-out = Se déconnecter

## My Profile

profile-title = Mon profil
profile-saved = Votre profil est enregistré.
profile-acting-for = Vous agissez pour
profile-about-you = À propos de vous
profile-save = Enregistrer
profile-hint = Vous pouvez tout laisser vide. Une application n’en prend connaissance que si vous l’autorisez à voir votre profil ou votre numéro de téléphone.
profile-name = Nom complet
profile-given-name = Prénom
profile-family-name = Nom de famille
profile-nickname = Surnom
profile-phone-number = Numéro de téléphone
profile-website = Site web
profile-language = Langue
profile-language-browser = Selon le navigateur
profile-overtaken = Votre compte vient d’être modifié ailleurs. Relisez ce que vous avez écrit, et enregistrez-le de nouveau.
profile-unfit = Le champ « { $field } » ne peut pas être enregistré : { $problem }.
profile-telephone-form = écrivez-le comme +49 30 123456
profile-website-form = il doit commencer par https:// ou http://
profile-too-long = { $most } caractères au plus, sur une ligne
profile-misleading = le caractère { $character } est invisible ou ressemble à un autre
profile-too-much = avec le reste de votre profil, c’est trop long

## Sessions

sessions-title = Sessions
sessions-heading = Vos sessions ouvertes
sessions-this-browser = ce navigateur
sessions-unknown-device = Appareil inconnu
sessions-unknown-address = adresse IP inconnue
browser-on = { $browser } sous { $system }
sessions-line = { $address }, dernière activité le { $last }, ouverte le { $since }
sessions-end-label = Déconnecter { $device }, { $address }, dernière activité le { $last }
sessions-end = Déconnecter
sessions-end-all = Se déconnecter partout

## Applications

apps-title = Applications
apps-heading = Ce que vous autorisez aux applications
apps-none = Vous n’avez autorisé aucune application à agir en votre nom.
apps-verified = vérifiée
apps-unverified = non vérifiée
apps-for = Pour { $company } :
apps-for-all = Pour toutes les entreprises de { $corporation } :
apps-in = Dans { $api } :
apps-about-you = À propos de vous :
apps-since = Depuis le { $since }
apps-take-back = Retirer
apps-take-back-label = Retirer l’accès de { $app }
apps-take-back-scope-label = Retirer à { $app } : { $scope }
apps-hint = Ce que vous retirez prend fin aussitôt, y compris ce que l’application détient déjà. Si vous retirez une seule autorisation, l’application devra revenir pour les autres, et pourra vous redemander celle que vous avez retirée.
profile-language-form = ce n’est pas une langue
language-itself = Français
