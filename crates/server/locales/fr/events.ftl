### Ce qui est arrivé à un compte, dit à son titulaire, et la copie de ses données.

events-heading = Événements récents
events-none = Il ne s’est rien passé ces 90 derniers jours.
events-text = Ce qui est arrivé à votre compte ces 90 derniers jours, le plus récent d’abord. Si quelque chose ne venait pas de vous, changez votre mot de passe et prévenez l’administrateur de ce serveur.
event-by-administrator = { $what } (par un administrateur)
event-times = { $what }, { $count } fois de suite
event-app-gone = une application qui n’existe plus
event-company-gone = une entreprise qui n’existe plus
event-account-made = Le compte a été créé
event-address-called-off = Le changement d’adresse a été annulé
event-address-changed = L’adresse e-mail a été changée
event-address-restored = L’ancienne adresse a été rétablie
event-address-wish-confirmed = Un changement d’adresse a été accepté par e-mail
event-address-wished = Une autre adresse e-mail a été demandée
event-address-confirmed = L’adresse e-mail a été confirmée
event-app-allowed = Accès accordé à { $app }
event-app-denied = Accès refusé à { $app }
event-app-narrowed = Une autorisation a été retirée à { $app }
event-app-taken-back = L’accès a été retiré à { $app }
event-barred = Le compte a été désactivé
event-deletion-requested = La suppression du compte a été demandée
event-deletion-taken-back = Le compte a finalement été conservé
event-exported = Une copie des données du compte a été téléchargée
event-invitation-accepted = Un premier mot de passe a été choisi
event-invited = Un lien pour choisir un premier mot de passe a été envoyé
event-membership-added = Le compte a été ajouté à { $company }
event-membership-removed = Le compte a été retiré de { $company }
event-membership-updated = Les rôles dans { $company } ont été modifiés
event-passkey-added = Une clé d’accès a été ajoutée
event-passkey-removed = Une clé d’accès a été supprimée
event-password-changed = Le mot de passe a été changé
event-password-reset = Un nouveau mot de passe a été choisi grâce à un lien reçu par e-mail
event-password-reset-requested = Un lien pour choisir un nouveau mot de passe a été demandé
event-profile-changed = Le profil a été modifié
event-reauthenticated = La connexion a été confirmée
event-recovery-code-used = Un code de récupération a été utilisé
event-recovery-codes-made = De nouveaux codes de récupération ont été créés
event-second-factor-added = Une application d’authentification a été ajoutée
event-second-factor-removed = Le second facteur a été supprimé
event-second-factor-wrong = Le mot de passe était bon, le second facteur ne l’était pas
event-sign-in-failed = Une connexion a échoué
event-signed-in = Quelqu’un s’est connecté
event-signed-out = Un navigateur a été déconnecté
event-signed-out-everywhere = Tous les navigateurs ont été déconnectés
event-unbarred = Le compte a été réactivé
event-verification-sent = Un lien pour confirmer l’adresse e-mail a été envoyé

## The copy

data-title = Vos données
data-confirm = Pour faire quelque chose ici, { $link }.
data-copy-heading = Une copie de vos données
data-copy-text = Un fichier avec ce qui est conservé ici à votre sujet : votre profil, vos entreprises et rôles, ce que vous autorisez aux applications, vos sessions, vos moyens de connexion et ce qui est arrivé à votre compte. Il ne contient ni votre mot de passe ni aucune clé secrète.
data-download = Télécharger vos données
data-too-often = Vous avez téléchargé vos données six fois en une heure.
