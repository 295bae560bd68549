### Paramètres de développement : le secret du compte d’un développeur.

developer-secret = Secret du compte
developer-secret-text = Avec le secret du compte, vos programmes sur des serveurs agissent en votre nom aux routes qui l’acceptent. Il n’expire pas. Préférez un jeton d’accès personnel : il expire, et peut être restreint.
developer-secret-warning = Pour les serveurs uniquement. Ne le mettez jamais dans une page web, une application ou quoi que ce soit d’autre qui s’exécute dans un navigateur : ce qu’un navigateur envoie avec lui est refusé. Si quelqu’un d’autre le connaît, remplacez-le aussitôt.
developer-secret-revoked = Il a été révoqué. Aucun programme ne peut plus l’utiliser.
developer-secret-make = En créer un autre
developer-secret-seen = Affiché pour la dernière fois le { $at }
developer-secret-once = Il n’est pas conservé et ne peut pas être affiché : seule la page qui en crée un l’affiche, une seule fois. Si vous ne l’avez pas, remplacez-le.
developer-secret-former = le précédent
developer-secret-former-until = Fonctionne jusqu’au { $until }
developer-secret-header = Les programmes l’envoient dans ce champ d’en-tête :
developer-secret-where = Ici, seul { $endpoint } l’accepte, et renseigne sur vos propres jetons.
developer-secret-apis = Sur une API, seules les routes qui l’indiquent l’acceptent. Ce serveur ne sait pas lesquelles : demandez à l’administrateur de l’API.
developer-secret-routes = Du côté des API, ces routes l’acceptent :
developer-secret-try = Pour l’essayer, donnez-le à un terminal sans le laisser dans l’historique. Ceci interroge sur un jeton qui n’existe pas ; avec le bon secret, la réponse est { $answer }
developer-secret-reveal = Afficher
developer-secret-rotate = Remplacer
developer-secret-reveal-label = Afficher le secret du compte
developer-secret-rotate-label = Remplacer le secret du compte
developer-secret-revoke-label = Révoquer le secret du compte
developer-secret-value = Voici le secret.

## What became of it

developer-secret-revoked-notice = Le secret du compte est révoqué.
developer-secret-overtaken = Le secret du compte vient d’être modifié ailleurs. Rien n’a été modifié ici.
developer-secret-none = Il n’y a plus de secret du compte. Rien n’a été modifié.
developer-secret-sent-before = Ce formulaire a déjà été envoyé, et le secret a été remplacé à ce moment-là. Il n’a pas été remplacé de nouveau.

## Before it is done

developer-secret-reveal-title = Afficher le secret du compte ?
developer-secret-reveal-text = La page suivante l’affiche. C’est enregistré, et vous en êtes averti par e-mail. Assurez-vous que personne d’autre ne voit votre écran.
developer-secret-rotate-title = Remplacer le secret du compte ?
developer-secret-rotate-text = Un autre secret vous est affiché. Celui qui se termine par { $last } cesse de fonctionner, et avec lui tout ce qui l’utilise : aussitôt, ou après un moment pendant lequel les deux fonctionnent.
developer-secret-rotate-former = Celui d’avant, qui se termine par { $last }, cesse aussitôt de fonctionner dans tous les cas.
developer-secret-overlap-legend = Pendant combien de temps le secret actuel fonctionne-t-il encore ?
developer-secret-overlap-none = Pas du tout
developer-secret-make-title = Créer un autre secret du compte ?
developer-secret-make-text = La page suivante l’affiche.
developer-secret-revoke-title = Révoquer le secret du compte ?
developer-secret-revoke-text = Celui qui se termine par { $last } cesse aussitôt de fonctionner, et avec lui tout ce qui l’utilise ; de même celui d’avant, s’il fonctionne encore. Cela ne peut pas être annulé, mais vous pouvez en créer un autre.
