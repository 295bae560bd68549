### Connexion et déconnexion : /login, /login/code, /logout.

login-title = Connexion
login-heading = Connexion
login-again = Confirmez que c’est bien vous
login-to-continue = pour continuer vers { $app }
username = Identifiant
password = Mot de passe
login-submit = Se connecter
login-confirm = Confirmer
login-with-passkey = Se connecter avec une clé d’accès
login-confirm-with-passkey = Confirmer avec une clé d’accès
login-passkey-failed = Aucune clé d’accès n’a été utilisée. Réessayez, ou utilisez votre mot de passe.
login-forgotten = Mot de passe oublié ?
login-no-account = Pas encore de compte ?
login-make-account = Créer un compte
login-wrong = L’identifiant ou le mot de passe est incorrect.
passkey-wrong = Cette clé d’accès n’a pas pu être vérifiée, ou n’est plus connue ici. Réessayez, ou continuez sans elle.

## The second factor

code-title = Second facteur
code-heading = Saisissez votre code
code-heading-other = Utilisez votre second facteur
code-use-passkey = Utiliser une clé d’accès
code-passkey-failed = Aucune clé d’accès n’a été utilisée. Réessayez, ou saisissez un code.
code-label = Code
code-label-recovery = Code de récupération
code-hint = Les six chiffres qu’affiche votre application d’authentification, ou l’un de vos codes de récupération.
code-hint-recovery = L’un des codes qui vous ont été affichés une seule fois, à conserver pour ce cas.
go-on = Continuer
code-somebody-else = Se connecter avec un autre compte
code-wrong = Ce code n’est pas valable en ce moment. Attendez le suivant de votre application d’authentification, ou utilisez un code de récupération qui n’a pas encore servi.

## Signing out

logout-title = Déconnexion
logout-heading = Se déconnecter ?
logout-asked = { $app } vous demande de vous déconnecter.
logout-asked-and-back = { $app } vous demande de vous déconnecter ; vous y reviendrez ensuite.
logout-signed-in-as = Vous utilisez le compte { $username }.
logout-submit = Se déconnecter
logout-stay = Garder ma session ouverte
logout-done = Votre session est fermée
logout-back-to = Retourner à { $app }
logout-sign-in = Se connecter
